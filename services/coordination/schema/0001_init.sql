-- What becomes of an enquiry's consents. A revocation that came first is a row with nothing but its ids.
create table consent (
    consent_id uuid primary key,
    enquiry_id uuid not null,
    kind code,
    recipient code,
    purpose code,
    valid_until date,
    revoked boolean not null default false,
    topics text[] not null default '{}' check (are_codes(topics)),  -- empty: whatever it is asked for
    check (revoked or num_nulls(kind, recipient, purpose, valid_until) = 0)
);
create index consent_of_enquiry on consent (enquiry_id);

create table enquiry (
    enquiry_id uuid primary key,
    ags ags not null,
    received_on date not null,
    confirmed_on date
);

-- Events of an enquiry that came before the enquiry itself: across topics there is no order.
create table early_event (
    id bigint generated always as identity primary key,
    enquiry_id uuid not null,
    event_id uuid not null unique,
    type code not null,
    time timestamptz not null,
    data coded not null
);
create index early_event_of_enquiry on early_event (enquiry_id, id);

-- Keyed hashes of erased enquiries, so that whatever comes late is recognised.
create table erased_enquiry (tombstone bytea primary key);

create table stream_head (
    ags ags primary key,
    sequence bigint not null,
    hash hex_digest not null
);

-- A redaction sets subject and data to null, withheld and salts to nothing, and the time to the day.
create table municipal_event (
    ags ags not null references stream_head,
    sequence bigint not null,
    id uuid not null unique,
    type code not null,
    time timestamptz not null,
    subject hex_digest,
    data coded,
    withheld coded not null,
    salts coded not null,
    commitments coded not null,
    previous_hash hex_digest not null,
    hash hex_digest not null,
    primary key (ags, sequence)
);

-- Which of our events became which published one; it leaves with the person.
create table published (
    event_id uuid primary key,
    municipal_id uuid not null unique references municipal_event (id),
    enquiry_id uuid
);
create index published_of_enquiry on published (enquiry_id);

-- Anonymous daily cells: they survive every erasure, and reports are made from them.
create table daily_cell (
    day date not null,
    ags ags not null,
    type code not null,
    events integer not null,
    primary key (day, ags, type)
);
create table unmet_cell (
    day date not null,
    ags ags not null,
    language language_tag not null,
    bookings integer not null,
    primary key (day, ags, language)
);
create table waiting_cell (
    day date not null,       -- of the first confirmed talk
    ags ags not null,
    days integer not null,   -- from the enquiry to that day
    enquiries integer not null,
    primary key (day, ags, days)
);

create table measure (
    measure_id uuid primary key,
    office code not null,
    ags ags not null,
    kind code not null,
    about code not null,
    proposed_on date not null,
    adopted boolean,
    decided_on date,
    check ((adopted is null) = (decided_on is null))
);
create index measure_of_office on measure (office, proposed_on);

create table finding (
    finding_id uuid primary key,
    ags ags not null,
    kind code not null,
    about code not null,
    reported_on date not null,
    measure_id uuid references measure
);
create index finding_of_municipality on finding (ags, reported_on);

-- One after the other: consents, projections and erasures have one order.
create function queue_up() returns void language sql as $$ select pg_advisory_xact_lock(x'636f6f7264'::bigint) $$;

-- What holds at an event's turn, in one round trip: each statement in here sees what was committed before its turn came.
create function take_turn(
    stream text, of_enquiry uuid, of_tombstone bytea, genesis text,
    out known boolean, out erased boolean, out consents jsonb, out sequence bigint, out hash text
) language plpgsql as $$
begin
    perform queue_up();
    known := exists (select from enquiry where enquiry_id = of_enquiry);
    erased := exists (select from erased_enquiry where tombstone = of_tombstone);
    select coalesce(jsonb_agg(to_jsonb(consent)), '[]') into consents from consent where enquiry_id = of_enquiry;
    select head.sequence, head.hash into sequence, hash from stream_head as head where ags = stream for update;
    if sequence is null then
        insert into stream_head values (stream, 0, genesis) returning 0, genesis into sequence, hash;
    end if;
end $$;
