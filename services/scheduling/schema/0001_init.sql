-- Scheduling alone owns busy time. Spans are half-open; windows are wall time in Europe/Berlin.

create extension if not exists btree_gist;

create table resource (
    id uuid primary key,          -- a client's is the enquiry's id: scheduling knows no persons
    kind text not null check (kind in ('case_manager', 'interpreter', 'room', 'client')),
    ags text[] not null default '{}' check (are_ags(ags)),        -- a room's municipality; those that others serve
    languages text[] not null default '{}' check (are_language_tags(languages)),  -- of an interpreter
    stands_in_for text[] not null default '{}' check (are_language_tags(stands_in_for)),  -- theirs may be spoken instead
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

-- Recurring hours with exceptions (RFC 5545), all in wall time.
create domain recurrence as text check (value ~ '^FREQ=[A-Z]+(;[A-Z]+=[A-Z0-9,+-]+)*$' and length(value) <= 200);
create table availability_rule (
    resource_id uuid not null references resource,
    starts timestamp not null,
    minutes integer not null check (minutes between 15 and 1440),
    rrule recurrence,
    exdates timestamp[] not null default '{}',
    rdates timestamp[] not null default '{}'
);
create index availability_rule_of on availability_rule (resource_id);

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
    duration_minutes integer not null check (duration_minutes between 1 and 1440),
    requested_at timestamptz not null,
    purpose code not null default 'counselling',
    dialect language_tag,               -- of the participant
    gender code,                        -- of whom they wish to be interpreted by
    gender_binding boolean not null default false,
    conflict_tokens text[] not null default '{}' check (are_hex_digests(conflict_tokens)),
    state text not null check (state in (
        'requested', 'ranking', 'proposed', 'held', 'confirmed', 'attended', 'missed', 'released', 'unmet'
    )),
    slot_id uuid,
    room_id uuid,
    interpreter_id uuid,
    also_asked uuid[] not null default '{}',  -- the others of the round, held too
    expires_at timestamptz,       -- of the proposal, or of the hold
    reason code,
    next_options text[] not null default '{}' check (are_codes(next_options)),  -- where nobody could be found
    cancelled_by text check (cancelled_by in ('participant', 'case_manager', 'closing')),
    cancelled_at timestamptz,
    costs_fee boolean,            -- whether that was too late to be free; null: it is not known
    series_id uuid,
    occurrence timestamptz,       -- when the series has it
    replaces uuid,                -- the confirmed booking that gives way when this one is confirmed
    check ((state in ('held', 'confirmed', 'attended', 'missed')) <= (slot_id is not null)),
    check (state <> 'held' or expires_at is not null)
);
create index booking_of_enquiry on booking (enquiry_id);
create index booking_of_case on booking (case_id);
create unique index booking_moving on booking (replaces) where state not in ('released', 'unmet');
create index booking_due on booking (expires_at) where expires_at is not null;
create index booking_of_series on booking (series_id) where series_id is not null;
create index booking_searching on booking (id) where state in ('ranking', 'proposed');

-- How early the funding pot wants interpreters to be asked, by the day of the talk, as interpreter tells it.
create table lead_time (
    valid_from date primary key,
    working_days integer not null check (working_days >= 0),
    cancel_days_before integer check (cancel_days_before >= 0),  -- until when calling off is free; null: not told
    cancel_free_until time,
    as_of timestamptz not null               -- time of the event that told it
);

-- Talks that recur: each is a booking of its own.
create table series (
    id uuid primary key,
    case_id uuid not null,
    enquiry_id uuid not null,
    case_manager_id uuid not null,
    starts timestamp not null,               -- wall time
    rrule recurrence not null,
    minutes integer not null check (minutes between 15 and 1440),
    whole boolean not null,                  -- all of its talks or none
    settled_at timestamptz,                  -- of a whole one: when all of them were arranged
    ended_at timestamptz
);
create index series_of_enquiry on series (enquiry_id);
create index series_unsettled on series (id) where whole and settled_at is null and ended_at is null;

create table series_gap (                    -- times of the series that could not be had
    series_id uuid not null references series on delete cascade,
    starts_at timestamptz not null,
    gap code not null,
    primary key (series_id, starts_at)
);

create table reminder (                 -- a row is a deadline; it goes when it was told, or the talk will not be
    booking_id uuid primary key references booking on delete cascade,
    starts_at timestamptz not null,          -- of the talk
    noted_at timestamptz not null            -- what was confirmed later than it would be reminded of is not reminded of
);
create index reminder_due on reminder (starts_at);

create table proposed_slot (
    id uuid primary key,
    booking_id uuid not null references booking,
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    language language_tag,                -- what the ranked interpreters speak
    ask_at_once integer not null default 1 check (ask_at_once > 0),  -- interpreters held and asked in one round
    waiting_days integer not null default 0,  -- what speaks for it: services.scheduling.merits
    talks_together integer,
    travel_minutes integer,
    recent_talks integer
);
create index proposed_slot_of on proposed_slot (booking_id);

create table ranked_candidate (
    slot_id uuid not null references proposed_slot on delete cascade,
    rank integer not null,        -- 0 is best
    interpreter_id uuid not null,
    language language_tag,        -- null: the slot's
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

-- What each resource's calendar feed shows: it outlives the reservation, so that clients hear of a cancellation.
create table calendar_entry (
    resource_id uuid not null references resource,
    booking_id uuid not null references booking on delete cascade,
    during tstzrange not null,
    state text not null check (state in ('held', 'confirmed', 'released')),
    sequence integer not null default 0,     -- RFC 5545: raised by every change
    changed_at timestamptz not null default clock_timestamp(),
    primary key (resource_id, booking_id)
);
create index calendar_entry_of_booking on calendar_entry (booking_id);

create function enter_in_calendar() returns trigger language plpgsql as $$
begin
    if exists (select from resource where id = new.resource_id and kind = 'client') or new.state = 'released' and exists (
        select from reservation
        where booking_id = new.booking_id and resource_id = new.resource_id and state <> 'released'
    ) then
        return null;
    end if;
    insert into calendar_entry (resource_id, booking_id, during, state)
    values (new.resource_id, new.booking_id, new.during, new.state)
    on conflict (resource_id, booking_id) do update
    set during = excluded.during, state = excluded.state, sequence = calendar_entry.sequence + 1,
        changed_at = clock_timestamp()
    where (calendar_entry.during, calendar_entry.state) is distinct from (excluded.during, excluded.state);
    return null;
end $$;

create trigger enter_in_calendar after insert or update of during, state on reservation
    for each row execute function enter_in_calendar();

-- Who waits for an earlier time, or for any. One who is being asked about freed time is asked about no other.
create table waiting_talk (
    booking_id uuid primary key references booking on delete cascade,
    since timestamptz not null,              -- when the talk was requested
    offers smallint not null default 0,      -- how often they were asked
    vain smallint not null default 0,        -- how often since all calendars were looked through nobody could interpret
    asked tstzmultirange not null default '{}',  -- about which times, so that none is offered twice
    offered uuid unique,                     -- the booking by which they are asked now
    freed uuid,                              -- whose freed time that is about
    look_at timestamptz not null             -- when all calendars are looked through again
);
create index waiting_talk_since on waiting_talk (since, booking_id);
create index waiting_talk_due on waiting_talk (look_at) where offered is null;

-- A row is work: somebody who waits may use that time. Without bounds: hours were added.
create table freed_time (
    id bigint generated always as identity primary key,
    resource_id uuid not null references resource on delete cascade,
    during tstzrange not null check (not isempty(during)),
    unique (resource_id, during)
);

create function note_freed_time() returns trigger language plpgsql as $$
begin
    if old.state <> 'released' and (tg_op = 'DELETE' or new.state = 'released') then
        insert into freed_time (resource_id, during)
        select old.resource_id, old.during from resource where id = old.resource_id and kind <> 'client'
        on conflict do nothing;
    end if;
    return null;
end $$;

create trigger note_freed_time after update of state or delete on reservation
    for each row execute function note_freed_time();

create function note_added_hours() returns trigger language plpgsql as $$
begin
    insert into freed_time (resource_id, during)
    select distinct resource_id, tstzrange(null, null) from added order by resource_id
    on conflict do nothing;
    return null;
end $$;

create trigger note_added_hours after insert on availability_window
    referencing new table as added for each statement execute function note_added_hours();
create trigger note_added_hours after insert on availability_rule
    referencing new table as added for each statement execute function note_added_hours();

create table calendar_feed (
    resource_id uuid primary key references resource,
    secret_hash bytea not null unique,
    issued_at timestamptz not null
);

-- Somebody's other calendar, and when they are busy there: nothing but times. Addresses and logins are encrypted.
create table foreign_calendar (
    resource_id uuid primary key references resource,
    kind text not null check (kind in ('ics', 'caldav')),
    address bytea not null,
    login bytea,
    etag bytea,
    due_at timestamptz not null,
    failures integer not null default 0,
    fault code,                   -- why the last look failed; null: it did not
    read_at timestamptz           -- when the times below were worked out
);
create index foreign_calendar_due on foreign_calendar (due_at);

create table foreign_busy (
    resource_id uuid not null references foreign_calendar on delete cascade,
    during tstzrange not null check (not isempty(during))
);
create index foreign_busy_of on foreign_busy (resource_id);

-- Who has a case now, as case told it last; nobody has a row whose case manager is null.
create table case_file (
    case_id uuid primary key,
    enquiry_id uuid not null,
    ags ags not null,
    case_manager_id uuid,
    speaks_language boolean not null default false
);
create index case_file_of_enquiry on case_file (enquiry_id);

create table interrupted_talk (         -- to be searched anew as soon as somebody has the case
    booking_id uuid primary key references booking on delete cascade,
    replaces uuid                       -- the confirmed talk whose place the search takes
);

-- Person has told that counselling is consented to no more: nothing is booked until it tells otherwise.
create table counselling_ended (enquiry_id uuid primary key);

-- Intake's word may overtake case's: what is withdrawn stays so.
create table withdrawn_enquiry (enquiry_id uuid primary key);
