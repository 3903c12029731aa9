-- The runtime's tables: the same in every service's database.

-- What a column may hold is told by its type: outside the vault there is no free text (tests/shared/test_columns.py).
create domain code as text check (
    value ~ '^[a-z0-9]+([._/:-][a-z0-9]+)*$' and length(value) <= 120
    and (value ~ '[a-z]' or value ~ '^[0-9]{8}$|^[0-9]{8}(-[0-9]{4}){3}-[0-9]{12}$|^[0-9]{64}$')  -- no telephone number
);
create domain ags as text check (value ~ '^[0-9]{8}$');
create domain postcode as text check (value ~ '^[0-9]{5}$');
create domain language_tag as text check (value ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$');  -- BCP 47
create domain hex_digest as text check (value ~ '^[0-9a-f]{64}$');
create domain subject as text check (value ~ '^[A-Za-z0-9._:|-]{1,255}$');              -- of an access token: no address
create domain fault as text check (value ~ '^[A-Za-z_]\w* at [\w.<>]+(:[0-9]+)?$');      -- class and place of an error
-- Lists of them (a driver knows no domains of arrays). The separator stands in no code: what is joined is checked as each.
create function are_codes(texts text[]) returns boolean immutable language sql
    return array_to_string(texts, ' | ') ~ '^([a-z][a-z0-9]*([._/:-][a-z0-9]+)*( [|] |$))*$';
create function are_ags(texts text[]) returns boolean immutable language sql
    return array_to_string(texts, ' | ') ~ '^([0-9]{8}( [|] |$))*$';
create function are_language_tags(texts text[]) returns boolean immutable language sql
    return array_to_string(texts, ' | ') ~ '^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*( [|] |$))*$';
create function are_hex_digests(texts text[]) returns boolean immutable language sql
    return array_to_string(texts, ' | ') ~ '^([0-9a-f]{64}( [|] |$))*$';
-- JSON whose every text is a code, a rule with its version, a language, an id, a hash, a number, a day, a moment or a
-- time of day, and whose every name is a code or an id.
create domain coded as jsonb check (
    not jsonb_path_exists(value, 'strict $.** ? (@.type() == "string" && !(
        @ like_regex "^([0-9]{1,4}_)?[a-z][a-z0-9]*([._/:-][a-z0-9]+)*$"
        || @ like_regex "^[a-z][a-z_-]{0,40}@[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        || @ like_regex "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$"
        || @ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
        || @ like_regex "^[0-9a-f]{64}$"
        || @ like_regex "^-?[0-9]{1,8}([.][0-9]{1,6})?$"
        || @ like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{5,15}(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
        || @ like_regex "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"
    ))')
    and not jsonb_path_exists(value, 'strict $.** ? (@.type() == "object").keyvalue() ? (!(
        @.key like_regex "^[a-z][a-z0-9]*([._/:-][a-z0-9]+)*$"
        || @.key like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
    ))')
);

create table outbox (
    id bigint generated always as identity primary key,
    topic code not null,
    partition_key code not null,  -- the aggregate: equal keys share a partition
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
    topic code not null,
    subject code not null,
    event_id uuid not null unique,
    headers bytea[] not null,
    value bytea,
    fault fault,                   -- class and place of the error; null: it only waits for the one before
    enquiries uuid[],              -- whom it concerns, as far as that can be read; null: it may be anybody
    parked_at timestamptz not null default now()
);
create index parked_subject on parked (topic, subject, id);

-- Whether something of a topic that concerns the enquiry could not be heard: what was told so far may hold no more.
create function is_unheard(of_enquiry uuid, of_topic text) returns boolean stable language sql
    return exists (select from parked where topic = of_topic and (enquiries is null or of_enquiry = any(enquiries)));

create table rejected (
    event_id uuid primary key,
    type code not null,
    code code not null,           -- the named error of the domain
    rejected_at timestamptz not null default now()
);

-- Redactions that are sent a second time, when the segment with the first may roll.
create table redaction_due (
    topic code not null,
    partition_key code not null,
    record_key uuid not null,
    headers bytea[] not null,
    value bytea,                  -- what is left of the event; null is a tombstone
    record_time timestamptz,
    due_at timestamptz not null,
    after interval not null,      -- `segment.ms`
    primary key (topic, record_key)
);

-- Partitions that need one more append, so that the segment with the second redaction rolls too.
create table marker_due (
    topic code not null,
    partition_key code not null,
    due_at timestamptz not null,
    primary key (topic, partition_key)
);
