create table effect (
    id bigint generated always as identity primary key,
    event_id uuid not null,
    aggregate_id uuid not null,
    number int not null
);
create table mood (mended boolean not null);
insert into mood values (false);
create table tally (
    aggregate_id uuid primary key,
    numbers int[] not null
);
