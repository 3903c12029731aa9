-- What interpreters are owed for talks with people who are erased: sums of a month by rule, and nothing else.
create table erased_fee (
    interpreter_id uuid not null references interpreter,
    month date not null,
    rule text not null check (rule ~ '^[a-z-]+@[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
    total numeric(12, 2) not null,      -- EUR
    primary key (interpreter_id, month, rule)
);
