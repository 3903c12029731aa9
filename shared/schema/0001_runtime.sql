-- The runtime's tables: the same in every service's database.

-- What text may be outside the vault: coded, never free. Every text column is checked by one of these or by a list of
-- its values (tests/columns has each column's class).

create function is_code(text) returns boolean language sql immutable parallel safe
return $1 ~ '^[a-z][a-z0-9_.-]{0,62}$';

create function are_codes(text[]) returns boolean language sql stable parallel safe
return $1::text ~ '^\{([a-z][a-z0-9_.-]{0,62}(,[a-z][a-z0-9_.-]{0,62})*)?\}$';

create function is_ags(text) returns boolean language sql immutable parallel safe
return $1 ~ '^[0-9]{8}$';

create function are_ags(text[]) returns boolean language sql stable parallel safe
return $1::text ~ '^\{([0-9]{8}(,[0-9]{8})*)?\}$';

create function is_language(text) returns boolean language sql immutable parallel safe  -- BCP 47
return $1 ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$';

create function are_languages(text[]) returns boolean language sql stable parallel safe
return $1::text ~ '^\{([a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}(,[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4})*)?\}$';

create function is_hash(text) returns boolean language sql immutable parallel safe  -- SHA-256 or a keyed one, in hex
return $1 ~ '^[0-9a-f]{64}$';

create function are_hashes(text[]) returns boolean language sql stable parallel safe
return $1::text ~ '^\{([0-9a-f]{64}(,[0-9a-f]{64})*)?\}$';

create function is_id(text) returns boolean language sql immutable parallel safe
return $1 ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

create function is_subject(text) returns boolean language sql immutable parallel safe  -- of an event: an aggregate
return is_id($1) or is_ags($1) or is_hash($1) or $1 ~ '^kim\.[a-z0-9_.]{1,80}/[0-9]{1,9}/[0-9]{1,19}$';

create function is_topic(text) returns boolean language sql immutable parallel safe
return $1 ~ '^kim\.[a-z0-9_.]{1,80}$';

create function is_fault(text) returns boolean language sql immutable parallel safe  -- class and place of an error
return $1 ~ '^[A-Za-z0-9_]{1,60} at ([A-Za-z0-9_.<>]{1,120}:[0-9]{1,6}|unknown)$';

-- JSON in which every text is a code, a rule with its version, a language, an id, a hash, a number, a day, a moment or
-- a time of day, and every name a code or an id.
create function is_coded(jsonb) returns boolean language sql immutable parallel safe
return not jsonb_path_exists($1, 'strict $.** ? (@.type() == "string" && !(
        @ like_regex "^([0-9]{1,4}_)?[a-z][a-z0-9_.-]{0,62}$"
        || @ like_regex "^[a-z][a-z_-]{0,40}@[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        || @ like_regex "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$"
        || @ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
        || @ like_regex "^[0-9a-f]{64}$"
        || @ like_regex "^-?[0-9]{1,8}([.][0-9]{1,6})?$"
        || @ like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{5,15}(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
        || @ like_regex "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"
    ))')
    and not jsonb_path_exists($1, 'strict $.** ? (@.type() == "object").keyvalue() ? (!(
        @.key like_regex "^[a-z][a-z0-9_.-]{0,62}$"
        || @.key like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
    ))');

create table outbox (
    id bigint generated always as identity primary key,
    topic text not null check (is_topic(topic)),
    partition_key text not null check (is_subject(partition_key)),  -- the aggregate: equal keys share a partition
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
    topic text not null check (is_topic(topic)),
    subject text not null check (is_subject(subject)),
    event_id uuid not null unique,
    headers bytea[] not null,
    value bytea,
    fault text check (is_fault(fault)),  -- class and place of the error; null: it only waits for the one before
    parked_at timestamptz not null default now()
);
create index parked_subject on parked (topic, subject, id);

create table rejected (
    event_id uuid primary key,
    type text not null check (is_code(type)),
    code text not null check (is_code(code)),  -- the named error of the domain
    rejected_at timestamptz not null default now()
);

-- Redactions that still need a later append to their partition, so that the active segment rolls.
create table marker_due (
    topic text not null check (is_topic(topic)),
    partition_key text not null check (is_subject(partition_key)),
    due_at timestamptz not null,
    primary key (topic, partition_key)
);
