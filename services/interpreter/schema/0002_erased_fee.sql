-- What interpreters are owed for talks with people who are erased: sums of a month, and nothing else.
create table erased_fee (
    interpreter_id uuid not null references interpreter,
    month date not null,
    total numeric(12, 2) not null,      -- EUR
    primary key (interpreter_id, month)
);
