-- The vault. What people said about themselves stands here as ciphertext alone.

create table person (
    id uuid primary key,
    state text not null check (state in ('expected', 'registered')),
    data_key bytea,               -- wrapped by the master key; null before registration
    master_version smallint,      -- of the master key that wrapped it
    contact bytea,                -- SealedContact as JSON, encrypted with the data key
    erasure_asked_at timestamptz, -- the participant asked; a case manager has to confirm
    erasure_id uuid unique,       -- number of the receipt, given when erasure is asked for
    changed_at timestamptz not null,
    check ((state = 'registered') = (data_key is not null)),
    check ((data_key is null) = (master_version is null) and (data_key is null) = (contact is null))
);

create table enquiry (
    enquiry_id uuid primary key,
    person_id uuid not null references person
);
create index enquiry_person on enquiry (person_id);

create table consent (
    id uuid primary key,
    enquiry_id uuid not null references enquiry,
    kind code not null,
    recipient code not null,
    purpose code not null,
    valid_until date not null,    -- last day, Europe/Berlin
    topics text[] not null default '{}' check (are_codes(topics)),  -- empty: whatever it is asked for
    given_how code not null,
    language_explained_in language_tag,  -- null: not told
    recorded_by subject,             -- staff member, null where the participant gave it themselves
    recorded_at timestamptz not null,
    revoked_on date
);
create index consent_enquiry on consent (enquiry_id);

-- Sealed blocks that intake still holds for us. A row without `failed` is tried again at `next_at`.
create table fetch_due (
    enquiry_id uuid primary key references enquiry,
    received_at timestamptz not null,
    attempts integer not null default 0,
    next_at timestamptz not null,
    failed text check (failed in ('missing', 'undecipherable', 'unreadable'))
);
create index fetch_due_next on fetch_due (next_at) where failed is null;

create table responsibility (
    case_id uuid primary key,
    enquiry_id uuid not null,     -- no reference: it may arrive before the enquiry does
    case_manager_id uuid not null
);
create index responsibility_enquiry on responsibility (enquiry_id);

create table access_log (
    id uuid primary key,
    person_id uuid not null references person,
    who subject not null,            -- subject of the access token
    role code not null,
    what code not null,
    why code not null,
    at timestamptz not null
);
create index access_log_person on access_log (person_id, at);

-- Key pairs for sealing. One is current; a retired one opens what was sealed before; then it is destroyed.
create table sealing_key (
    id uuid primary key,
    public_key bytea not null,
    private_key bytea,            -- wrapped by the master key; null once destroyed
    master_version smallint not null,
    made_at timestamptz not null,
    retired_at timestamptz
);
create unique index sealing_key_current on sealing_key ((true)) where retired_at is null;

-- The key of the tokens for conflict of interest: one, and never replaced, since tokens must stay comparable.
create table conflict_key (
    only_one boolean primary key default true check (only_one),
    secret bytea not null,        -- wrapped by the master key
    master_version smallint not null
);

-- Erasures on their way, and the receipts of those that are done: then there is no id of anybody in them.
create table erasure (
    id uuid primary key,          -- random: whoever knows it may see the receipt
    step text not null check (step in ('told', 'answered', 'done')),
    person_id uuid,
    enquiry_ids uuid[],
    case_ids uuid[],
    asked_at timestamptz,
    erased_at timestamptz not null,
    completed_at timestamptz,
    answered text[] not null default '{}' check (are_codes(answered)),  -- services that have erased
    in_ledger boolean not null default false,
    next_look timestamptz not null,
    check ((step = 'done') = (completed_at is not null)),
    check ((step = 'done') = (num_nulls(person_id, enquiry_ids, case_ids) = 3))
);
create index erasure_on_its_way on erasure (next_look) where step <> 'done';

-- What goes out to a person. The text is there only until it is sent, refused or too late.
create table message (
    id uuid primary key,          -- also names the mail, so that one sent twice is known to be one
    person_id uuid not null references person on delete cascade,
    kind code not null,
    content bytea,                -- recipient and text as JSON, encrypted with the data key; null once settled
    made_at timestamptz not null,
    until timestamptz not null,   -- after that it helps nobody
    attempts integer not null default 0,
    next_at timestamptz not null,
    settled text check (settled in ('sent', 'refused', 'too_late')),
    settled_at timestamptz,
    check ((settled is null) = (content is not null) and (settled is null) = (settled_at is null))
);
create index message_next on message (next_at) where settled is null;
create index message_person on message (person_id);

-- How interpreters are told that they are asked. They are no participants: no enquiry, no consent, no access log.
create table interpreter_contact (
    interpreter_id uuid primary key,
    data_key bytea not null,      -- wrapped by the master key
    master_version smallint not null,
    contact bytea not null        -- SealedContact as JSON, encrypted with the data key
);

-- Offers of which the interpreter is still to be told, by a link that is fetched when the mail goes out.
create table offer_notice (
    offer_id uuid primary key,    -- also names the mail
    interpreter_id uuid not null,
    enquiry_id uuid not null,
    until timestamptz not null,
    attempts integer not null default 0,
    next_at timestamptz not null,
    settled text check (settled in ('sent', 'refused', 'too_late', 'no_way', 'over'))
);
create index offer_notice_next on offer_notice (next_at) where settled is null;
create index offer_notice_enquiry on offer_notice (enquiry_id);

-- One-time codes: the newest of a person and purpose counts. They stay for an hour, to be counted.
create table one_time_code (
    id uuid primary key,
    person_id uuid not null references person on delete cascade,
    purpose text not null check (purpose in ('contact', 'second_factor')),
    digest bytea not null,        -- HMAC with a key derived from the data key
    made_at timestamptz not null,
    expires_at timestamptz not null,
    tries integer not null default 0,
    used boolean not null default false
);
create index one_time_code_person on one_time_code (person_id, purpose, made_at);

create table verified_contact (
    person_id uuid primary key references person on delete cascade,
    verified_at timestamptz not null
);

-- Who has given the second factor, until when.
create table second_factor (
    digest bytea primary key,     -- HMAC with a key derived from the data key
    person_id uuid not null references person on delete cascade,
    expires_at timestamptz not null
);
create index second_factor_person on second_factor (person_id);
