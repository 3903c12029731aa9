-- The runtime's tables: the same in every service's database.

create table outbox (
    id bigint generated always as identity primary key,
    topic text not null,
    partition_key text not null,  -- the aggregate: equal keys share a partition
    record_key uuid not null,     -- the event id, so that each record can be replaced
    headers bytea[] not null,     -- name, value, name, value ...
    value bytea,                  -- null is a tombstone: the redaction of an event
    record_time timestamptz       -- Kafka's timestamp of the record; null: when it is sent
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create function wake_relay() returns trigger language plpgsql as $$
begin
    perform pg_notify('outbox', '');
    return null;
end $$;

create trigger wake_relay after insert on outbox for each statement execute function wake_relay();

create table inbox (
    event_id uuid primary key,
    handled_at timestamptz not null default now()
);

-- A dead letter and everything of its aggregate that came after it, in the order of arrival.
create table parked (
    id bigint generated always as identity primary key,
    topic text not null,
    subject text not null,
    event_id uuid not null unique,
    headers bytea[] not null,
    value bytea,
    fault text,                   -- class and place of the error; null: it only waits for the one before
    parked_at timestamptz not null default now()
);
create index parked_subject on parked (topic, subject, id);

create table rejected (
    event_id uuid primary key,
    type text not null,
    code text not null,           -- the named error of the domain
    rejected_at timestamptz not null default now()
);

-- Redactions that still need a later append to their partition, so that the active segment rolls.
create table marker_due (
    topic text not null,
    partition_key text not null,
    due_at timestamptz not null,
    primary key (topic, partition_key)
);
