-- Scheduling alone owns busy time. Spans are half-open; windows are wall time in Europe/Berlin.

create extension if not exists btree_gist;

create table resource (
    id uuid primary key,          -- a client's is the enquiry's id: scheduling knows no persons
    kind text not null check (kind in ('case_manager', 'interpreter', 'room', 'client')),
    ags text[] not null default '{}' check (are_ags(ags)),        -- a room's municipality; those that an interpreter serves
    languages text[] not null default '{}' check (are_language_tags(languages)),  -- of an interpreter
    active boolean not null default true,
    profile_as_of timestamptz,               -- time of the event that an interpreter's profile is from
    availability_as_of timestamptz
);

create table availability_window (
    resource_id uuid not null references resource,
    weekday smallint not null check (weekday between 0 and 6),  -- 0 is Monday
    starts time not null,
    ends time not null check (ends > starts)
);
create index availability_window_of on availability_window (resource_id);

create table absence (
    resource_id uuid not null references resource,
    during tstzrange not null check (not isempty(during))
);
create index absence_of on absence (resource_id);

create table booking (
    id uuid primary key,
    counselling_id uuid not null unique,
    case_id uuid not null,
    enquiry_id uuid not null,
    ags ags not null,
    case_manager_id uuid not null,
    languages text[] not null check (are_language_tags(languages)),
    topics text[] not null check (are_codes(topics)),
    mode code not null,
    interpreter_needed boolean not null,
    duration_minutes integer not null check (duration_minutes > 0),
    state text not null check (state in (
        'requested', 'ranking', 'proposed', 'held', 'confirmed', 'attended', 'missed', 'released', 'unmet'
    )),
    slot_id uuid,
    room_id uuid,
    interpreter_id uuid,
    expires_at timestamptz,       -- of the proposal, or of the hold
    reason code,
    cancelled_by text check (cancelled_by in ('participant', 'case_manager', 'closing')),
    replaces uuid,                -- the confirmed booking that gives way when this one is confirmed
    check ((state in ('held', 'confirmed', 'attended', 'missed')) <= (slot_id is not null)),
    check (state <> 'held' or expires_at is not null)
);
create index booking_of_enquiry on booking (enquiry_id);
create index booking_of_case on booking (case_id);
create unique index booking_moving on booking (replaces) where state not in ('released', 'unmet');
create index booking_due on booking (expires_at) where expires_at is not null;
create index booking_searching on booking (id) where state in ('ranking', 'proposed');

create table proposed_slot (
    id uuid primary key,
    booking_id uuid not null references booking,
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    language language_tag                 -- what the ranked interpreters speak
);
create index proposed_slot_of on proposed_slot (booking_id);

create table ranked_candidate (
    slot_id uuid not null references proposed_slot on delete cascade,
    rank integer not null,        -- 0 is best
    interpreter_id uuid not null,
    primary key (slot_id, rank)
);

create table reservation (
    id uuid primary key,
    resource_id uuid not null references resource,
    booking_id uuid not null references booking,
    during tstzrange not null check (lower_inc(during) and not upper_inc(during) and not isempty(during)),
    place code,                   -- null: nobody travels
    state text not null check (state in ('held', 'confirmed', 'released')),
    expires_at timestamptz check (state <> 'held' or expires_at is not null),
    constraint no_overlap exclude using gist (resource_id with =, during with &&)
        where (state in ('held', 'confirmed'))
);
create index reservation_of on reservation (booking_id);

-- Intake's word may overtake case's: what is withdrawn stays so.
create table withdrawn_enquiry (enquiry_id uuid primary key);
