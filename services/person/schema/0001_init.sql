-- The vault. What people said about themselves stands here as ciphertext alone.

-- Versions of the master key that wrap something. The newest wraps what is new; an old one goes when it wraps nothing:
-- whatever is wrapped refers to it, so it cannot go before, nor be used after.
create table master_key (
    version smallint primary key check (version between 1 and 9999),
    since timestamptz not null default now()
);
insert into master_key (version) values (1);

create table person (
    id uuid primary key,
    state text not null check (state in ('expected', 'registered')),
    data_key bytea,               -- wrapped by the master key; null before registration
    master_version smallint references master_key,
    contact bytea,                -- SealedContact as JSON, encrypted with the data key
    erasure_asked_at timestamptz, -- the participant asked; a case manager has to confirm
    erasure_id uuid unique,       -- number of the receipt, given when erasure is asked for
    changed_at timestamptz not null,
    check ((state = 'registered') = (data_key is not null)),
    check ((data_key is null) = (master_version is null) and (data_key is null) = (contact is null))
);

create table enquiry (
    enquiry_id uuid primary key,
    person_id uuid not null references person,
    counselled_until date         -- last day of the consent to it; null: none was given, or all have heard that it ended
);
create index enquiry_person on enquiry (person_id);
create index enquiry_counselled_until on enquiry (counselled_until);

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
    revoked_on date,
    revocation_recorded_by subject,  -- staff member, null where the participant revoked it themselves
    check (revocation_recorded_by is null or revoked_on is not null)
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
    case_id uuid primary key,     -- also of a case that waits: an erasure looks for it in the log
    enquiry_id uuid not null,     -- no reference: it may arrive before the enquiry does
    case_manager_id uuid          -- null: nobody has it
);
create index responsibility_enquiry on responsibility (enquiry_id);

-- Since when an enquiry is over, and by what. How long it is kept from then on is configuration.
create table retention_clock (
    enquiry_id uuid not null,     -- no reference: it may arrive before the enquiry does
    kind text not null check (kind in ('case_closed', 'redirected', 'withdrawn')),
    started_on date not null,     -- Europe/Berlin
    primary key (enquiry_id, kind)
);
create index retention_clock_started on retention_clock (kind, started_on);

-- Blind indexes: HMACs of name, year of birth and contact, by which two records of one person are found.
create table blind_index (
    person_id uuid not null references person on delete cascade,
    part text not null check (part in ('name', 'name_and_birth_year', 'phone', 'email', 'telegram')),
    digest bytea not null,        -- HMAC with a key derived from the conflict key
    primary key (person_id, part, digest)
);
create index blind_index_digest on blind_index (digest);

-- Two records that may be of one person: a pair is found once, and once dismissed it stays so.
create table duplicate_candidate (
    one_id uuid not null references person on delete cascade,
    other_id uuid not null references person on delete cascade,
    parts text[] not null check (are_codes(parts)),  -- which of them match
    found_at timestamptz not null,
    dismissed_at timestamptz,
    dismissed_by subject,
    primary key (one_id, other_id),
    check (one_id < other_id),
    check ((dismissed_at is null) = (dismissed_by is null))
);
create index duplicate_candidate_other on duplicate_candidate (other_id);

-- A record that is of the same person as its survivor: a link and nothing else, so that an undo leaves nothing behind.
create table merge (
    person_id uuid primary key references person on delete cascade,
    survivor_id uuid not null references person on delete cascade,
    merged_by subject not null,
    merged_at timestamptz not null,
    check (person_id <> survivor_id)
);
create index merge_survivor on merge (survivor_id);

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
    master_version smallint not null references master_key,
    made_at timestamptz not null,
    retired_at timestamptz
);
create unique index sealing_key_current on sealing_key ((true)) where retired_at is null;

-- The key of the tokens for conflict of interest: one, and never replaced, since tokens must stay comparable.
create table conflict_key (
    only_one boolean primary key default true check (only_one),
    secret bytea not null,        -- wrapped by the master key
    master_version smallint not null references master_key
);

-- Erasures on their way, and the receipts of those that are done: then there is no id of anybody in them.
create table erasure (
    id uuid primary key,          -- random: whoever knows it may see the receipt
    step text not null check (step in ('told', 'answered', 'done')),
    person_id uuid,
    merged_ids uuid[],            -- records that were merged into that person's
    enquiry_ids uuid[],
    case_ids uuid[],
    asked_at timestamptz,
    erased_at timestamptz not null,
    completed_at timestamptz,
    answered text[] not null default '{}' check (are_codes(answered)),  -- services that have erased
    in_ledger boolean not null default false,
    next_look timestamptz not null,
    check ((step = 'done') = (completed_at is not null)),
    check ((step = 'done') = (num_nulls(person_id, merged_ids, enquiry_ids, case_ids) = 4))
);
create index erasure_on_its_way on erasure (next_look) where step <> 'done';

-- What a person is told. The text is there as long as it helps them: a code until it is sent, the rest until `until`.
create table message (
    id uuid primary key,          -- also names the mail, so that one sent twice is known to be one
    person_id uuid not null references person on delete cascade,
    kind code not null,
    channel text not null check (channel in ('email', 'telegram', 'page')),
    content bytea,                -- recipient and text as JSON, encrypted with the data key
    made_at timestamptz not null,
    until timestamptz not null,   -- after that it helps nobody
    attempts integer not null default 0,
    next_at timestamptz not null,
    settled text check (settled in ('sent', 'refused', 'too_late', 'on_page')),
    settled_at timestamptz,
    check ((settled is not null or content is not null) and (settled is null) = (settled_at is null))
);
create index message_next on message (channel, next_at) where settled is null;
create index message_content on message (until) where content is not null;
create index message_person on message (person_id);

-- How interpreters are told that they are asked. They are no participants: no enquiry, no consent, no access log.
create table interpreter_contact (
    interpreter_id uuid primary key,
    data_key bytea not null,      -- wrapped by the master key
    master_version smallint not null references master_key,
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
