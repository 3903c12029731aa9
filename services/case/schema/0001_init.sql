-- Coded facts and ids alone. `case` is a word of SQL, so its table is called case_file.

create table case_manager (
    id uuid primary key,                -- the subject of their token
    fte numeric not null check (fte between 0 and 1),
    municipalities text[] not null,     -- AGS
    languages text[] not null,          -- BCP 47
    topics text[] not null,
    absent_from date,
    absent_until date,                  -- last day; null with a start: until further notice
    check (absent_until is null or absent_from <= absent_until)
);

-- What was heard of an enquiry, in whichever order it came. Locked first by everything that hears of it.
create table enquiry (
    id uuid primary key,
    person_id uuid,
    has_ended boolean not null default false    -- withdrawn or erased: no case is opened any more
);

create table case_file (
    id uuid primary key,
    enquiry_id uuid not null unique references enquiry,
    ags text not null check (ags ~ '^[0-9]{8}$'),
    topics text[] not null,
    languages text[] not null,          -- BCP 47, best first
    mode text not null,
    opened_on date not null,            -- Europe/Berlin
    phase text not null check (phase in ('clarification', 'assessment', 'planning', 'linking', 'closed')),
    reason text,
    case_manager_id uuid references case_manager,   -- null: waits for one
    speaks_language boolean not null,
    version integer not null,
    check ((phase = 'closed') = (reason is not null))
);
create index case_file_of_manager on case_file (case_manager_id, id);
create index case_file_of_manager_in_phase on case_file (case_manager_id, phase, id);
create index case_file_waiting on case_file (ags, id) where case_manager_id is null and phase <> 'closed';

create table choice (                   -- of the case manager, as it explains itself
    case_id uuid primary key references case_file on delete cascade,
    ranked jsonb not null,
    excluded jsonb not null
);

create table talk (
    counselling_id uuid primary key,
    case_id uuid not null references case_file on delete cascade,
    mode text not null,
    duration_minutes integer not null check (duration_minutes > 0),
    requested_on date not null,
    state text not null check (state in ('requested', 'confirmed', 'unmet', 'released')),
    booking_id uuid unique,
    starts_at timestamptz,
    ends_at timestamptz check (ends_at > starts_at),
    check ((starts_at is null) = (ends_at is null)),
    check (state <> 'confirmed' or starts_at is not null)
);
create unique index talk_under_way on talk (case_id) where state = 'requested';
create index talk_of on talk (case_id);

-- No case, no time, no author, and a random id: nothing leads back. Rows leave with the day's batch.
create table finding (
    id uuid primary key,
    ags text not null,
    kind text not null,
    about text not null
);

create table finding_batch (
    singleton boolean primary key default true check (singleton),
    published_on date not null
);
insert into finding_batch (published_on) values ('2000-01-01');
