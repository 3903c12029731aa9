create table counter (aggregate_id uuid primary key, total int not null);
