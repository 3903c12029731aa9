-- Which of our events concern which enquiry, so that an erasure can replace each of them in the log.
create table published_event (
    enquiry_id uuid not null,
    event_id uuid not null,
    topic code not null,
    partition_key code not null,
    primary key (enquiry_id, event_id)
);

-- SHA-256 of the ids of erased enquiries, 74 random bits each: what comes late is recognised, nothing is found by it.
create table forgotten (digest bytea primary key);

-- Events that stand in a dead letter topic, whatever became of them here.
create table dead_letter (
    event_id uuid primary key,
    topic code not null,
    partition_key code not null
);
