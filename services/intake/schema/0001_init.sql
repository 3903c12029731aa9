-- Coded facts alone. Name, contact and message are inside `sealed`, which intake cannot open.

create table enquiry (
    id uuid primary key,
    ags ags not null,
    postcode postcode not null,
    topics text[] not null check (are_codes(topics)),
    languages text[] not null check (are_language_tags(languages)),          -- BCP 47, best first
    mode code not null,
    channel code not null,
    criteria text[] not null check (are_codes(criteria)),
    dialect language_tag,
    gender code,                        -- of whom they wish to be interpreted by
    gender_binding boolean not null default false check (not gender_binding or gender is not null),
    received_on date not null,          -- Europe/Berlin
    status text not null check (status in ('waiting', 'accepted', 'redirected', 'withdrawn')),
    service code,
    decided_on date,
    code_hash bytea unique,             -- HMAC-SHA256 of the participant's code; null: revoked
    sealed bytea,                       -- until person has it
    sealed_key_id uuid,
    check ((status = 'waiting') = (decided_on is null)),
    check ((status = 'redirected') = (service is not null)),
    check ((sealed is null) = (sealed_key_id is null))
);
create index enquiry_of_municipality on enquiry (ags, status, id);

-- Failed exchanges of a code, per keyed hash of the client's address and for all together, by span of time.
create table attempt (
    bucket bytea not null,
    span_starts timestamptz not null,
    failures integer not null,
    primary key (bucket, span_starts)
);
