-- First answers to requests with an Idempotency-Key. Nothing in here can be read without that key and the request's
-- body, which only the client has: no key, no caller, no body, and the answer is sealed.

create table idempotency_key (
    key bytea primary key,        -- derived from the client's key, the caller, the method and the path
    body_hash bytea not null,     -- keyed with the client's key
    answer bytea not null,
    created_at timestamptz not null default now()
);
create index idempotency_key_created_at on idempotency_key (created_at);
