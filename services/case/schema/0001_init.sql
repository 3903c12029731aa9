-- Coded facts and ids alone. `case` is a word of SQL, so its table is called case_file.

create table case_manager (
    id uuid primary key,                -- the subject of their token
    fte numeric not null check (fte between 0 and 1),
    municipalities text[] not null check (are_ags(municipalities)),     -- AGS
    languages text[] not null check (are_language_tags(languages)),          -- BCP 47
    topics text[] not null check (are_codes(topics)),
    supervisor_id uuid,                 -- approves hand-overs to other municipalities; null: nobody has to
    conflict_tokens text[] not null default '{}' check (are_hex_digests(conflict_tokens)),   -- keyed hashes that only person can compute
    absent_from date,
    absent_until date,                  -- last day; null with a start: until further notice
    moves_cases boolean not null default false,     -- when the absence begins, every open case goes to somebody else
    check (absent_until is null or absent_from <= absent_until),
    check (not moves_cases or absent_from is not null),
    check (supervisor_id <> id)
);

-- What was heard of an enquiry, in whichever order it came. Locked first by everything that hears of it.
create table enquiry (
    id uuid primary key,
    person_id uuid,
    has_ended boolean not null default false,   -- withdrawn or erased: no case is opened any more
    may_be_counselled boolean not null default true     -- false: the consent to it was revoked or is over
);

create table access_log (               -- for "who saw my data"
    id uuid primary key,
    enquiry_id uuid not null references enquiry on delete cascade,
    who code not null,                  -- of the access token
    role code not null,
    what code not null,
    why code not null,
    at timestamptz not null
);
create index access_log_of on access_log (enquiry_id, at);

create table case_file (
    id uuid primary key,
    enquiry_id uuid not null unique references enquiry,
    ags ags not null,
    home_ags ags not null,              -- of the enquiry: elsewhere with consent alone
    topics text[] not null check (are_codes(topics)),
    languages text[] not null check (are_language_tags(languages)),          -- BCP 47, best first
    mode code not null,
    opened_on date not null,            -- Europe/Berlin
    phase text not null check (phase in ('clarification', 'assessment', 'planning', 'linking', 'closed')),
    reason code,
    outcome code check (outcome is null or phase = 'closed'),
    conflict_tokens text[] not null default '{}' check (are_hex_digests(conflict_tokens)),
    dialect language_tag,               -- of the participant
    gender code,                        -- of whom they wish to be interpreted by
    gender_binding boolean not null default false check (not gender_binding or gender is not null),
    case_manager_id uuid references case_manager,   -- null: waits for one
    speaks_language boolean not null,
    version integer not null,
    check ((phase = 'closed') = (reason is not null))
);
create index case_file_of_manager on case_file (case_manager_id, id);
create index case_file_of_manager_in_phase on case_file (case_manager_id, phase, id);
create index case_file_away on case_file (id) where ags <> home_ags;
create index case_file_waiting on case_file (ags, id) where case_manager_id is null;

create table choice (                   -- of the case manager, as it explains itself
    case_id uuid primary key references case_file on delete cascade,
    ranked coded not null,
    excluded coded not null,
    named_by uuid                       -- the case manager who named the successor; null: chosen by points
);

create table talk (
    counselling_id uuid primary key,
    case_id uuid not null references case_file on delete cascade,
    mode code not null,
    duration_minutes integer not null check (duration_minutes > 0),
    requested_on date not null,
    state text not null check (state in ('requested', 'confirmed', 'attended', 'missed', 'unmet', 'released')),
    booking_id uuid unique,
    starts_at timestamptz,
    ends_at timestamptz check (ends_at > starts_at),
    check ((starts_at is null) = (ends_at is null)),
    check (state <> 'confirmed' or starts_at is not null)
);
create unique index talk_under_way on talk (case_id) where state = 'requested' and booking_id is null;
create index talk_of on talk (case_id);

-- No case, no time, no author, and a random id: nothing leads back. Rows leave with the day's batch.
create table finding (
    id uuid primary key,
    ags ags not null,
    kind code not null,
    about code not null
);

create table finding_batch (
    singleton boolean primary key default true check (singleton),
    published_on date not null
);
insert into finding_batch (published_on) values ('2000-01-01');

-- Read model of person's consents.
create table consent (
    id uuid primary key,
    enquiry_id uuid not null references enquiry,
    kind code not null,
    recipient code not null,
    purpose code not null,
    valid_until date not null,          -- last day, Europe/Berlin
    revoked_on date,
    topics text[] not null default '{}' check (are_codes(topics))  -- empty: whatever it is asked for
);
create index consent_of on consent (enquiry_id);
create index consent_until on consent (recipient, valid_until);

create table goal (
    id uuid primary key,
    case_id uuid not null references case_file on delete cascade,
    area code not null,
    kind code not null,
    agreed_on date not null,
    progress integer not null check (progress between 0 and 100),
    is_dropped boolean not null
);
create index goal_of on goal (case_id);

create table step (
    id uuid primary key,
    case_id uuid not null references case_file on delete cascade,
    goal_id uuid not null references goal on delete cascade,
    kind code not null,
    owner text not null check (owner in ('case_manager', 'participant', 'partner')),
    due_on date not null,
    state text not null check (state in ('open', 'done', 'dropped')),
    settled_on date,
    check ((state = 'open') = (settled_on is null))
);
create index step_of on step (case_id);

create table reminder (                 -- a row is a deadline; it goes when it was told, or the step is settled
    step_id uuid not null references step on delete cascade,
    kind text not null check (kind in ('due_soon', 'overdue')),
    due_on date not null,
    primary key (step_id, kind)
);
create index reminder_due on reminder (due_on);

create table assessment (
    id uuid primary key,
    case_id uuid not null references case_file on delete cascade,
    assessed_on date not null
);
create index assessment_of on assessment (case_id);

create table rating (
    assessment_id uuid not null references assessment on delete cascade,
    area code not null,
    value smallint not null check (value between 1 and 5),
    primary key (assessment_id, area)
);

create table referral (
    id uuid primary key,
    case_id uuid not null references case_file on delete cascade,
    service code not null,
    area code not null,
    state text not null check (state in ('offered', 'accepted', 'rejected', 'done', 'revoked')),
    needs text[] not null check (are_codes(needs)),              -- kinds of consent that it stands on
    offered_on date not null,
    changed_on date not null
);
create index referral_of on referral (case_id);
create index referral_open on referral (service) where state in ('offered', 'accepted');

create table conference (
    id uuid primary key,
    case_id uuid not null references case_file on delete cascade,
    held_on date not null,
    participants uuid[] not null,
    services text[] not null check (are_codes(services)),
    areas text[] not null check (are_codes(areas)),     -- life areas that are talked about
    outcome code
);
create index conference_of on conference (case_id);

create table hand_over (                -- waits for approval; one at a time
    case_id uuid primary key references case_file on delete cascade,
    id uuid not null unique,
    ags ags not null,
    case_manager_id uuid,
    supervisor_id uuid not null,
    asked_on date not null
);
create index hand_over_of_supervisor on hand_over (supervisor_id);

create table conflict (                 -- of interest, as declared by a case manager
    case_id uuid not null references case_file on delete cascade,
    case_manager_id uuid not null,
    primary key (case_id, case_manager_id)
);

create table note (                     -- encrypted with a key that only person can derive
    id uuid primary key,
    case_id uuid not null references case_file on delete cascade,
    author_id uuid not null,
    written_at timestamptz not null,
    ciphertext bytea not null
);
create index note_of on note (case_id, id);
