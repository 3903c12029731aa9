create table interpreter (
    id uuid primary key,
    gender text not null check (gender in ('female', 'male', 'diverse', 'undisclosed')),
    languages coded not null,           -- [{"language": "ti", "level": "native"}]
    municipalities text[] not null check (are_ags(municipalities)),     -- AGS
    base_postcode postcode not null,
    credentials coded not null,         -- kind -> last day on which it is valid, or null
    active boolean not null,
    dialects text[] not null check (are_language_tags(dialects)),     -- BCP 47, such as ar-SY
    hours_given boolean not null default false      -- whether the hours below are theirs, be they none
);

-- Conflicts of interest with persons, families and communities: keyed hashes that person alone computes.
create table conflict (
    interpreter_id uuid not null references interpreter,
    token hex_digest not null,
    primary key (interpreter_id, token)
);

-- Whom the participant of a case can be interpreted by, as case told it last.
create table case_needs (
    case_id uuid primary key,
    enquiry_id uuid not null,
    dialect language_tag,
    gender code,
    gender_binding boolean not null,
    conflict_tokens text[] not null check (are_hex_digests(conflict_tokens))
);
create index case_needs_of_enquiry on case_needs (enquiry_id);

create table availability_window (
    interpreter_id uuid not null references interpreter,
    weekday smallint not null check (weekday between 0 and 6),  -- 0 is Monday
    starts time not null,
    ends time not null check (starts < ends),
    primary key (interpreter_id, weekday, starts)
);

-- Recurring hours with exceptions (RFC 5545), all in wall time: what scheduling was told, in order.
create domain recurrence as text check (value ~ '^FREQ=[A-Z]+(;[A-Z]+=[A-Z0-9,+-]+)*$' and length(value) <= 200);
create table availability_rule (
    interpreter_id uuid not null references interpreter,
    number smallint not null,
    starts timestamp not null,
    minutes integer not null check (minutes between 15 and 1440),
    rrule recurrence,
    exdates timestamp[] not null default '{}',
    rdates timestamp[] not null default '{}',
    primary key (interpreter_id, number)
);

create table absence (
    interpreter_id uuid not null references interpreter,
    starts_at timestamptz not null,
    ends_at timestamptz not null check (starts_at < ends_at),
    primary key (interpreter_id, starts_at, ends_at)
);

-- The last answer to scheduling for a booking, and why it is as it is.
create table ranking (
    booking_id uuid primary key,
    case_id uuid not null,
    enquiry_id uuid not null,
    ags ags not null,
    ranked_at timestamptz not null,
    asked coded not null                -- as in scheduling.interpreter_requested.v1
);

-- What was asked and is neither held nor over, so that many talks can be planned at once.
create table open_request (
    booking_id uuid primary key references ranking,
    proposed uuid[],                    -- the slots among which the participant chooses; null: not told yet
    planned_slot uuid,                  -- what the plan means that was adopted last
    planned_interpreter uuid references interpreter,
    planned_at timestamptz,
    check (num_nulls(planned_slot, planned_interpreter) in (0, 2))
);

-- A plan of all that is open in some days: who interprets what.
create table assignment_plan (
    id uuid primary key,
    first_day date not null,
    last_day date not null check (first_day <= last_day),
    ags ags,                            -- null: the whole county's pool
    state text not null check (state in ('computing', 'ready', 'adopted', 'failed')),
    version integer not null,
    stage code not null,
    percent smallint not null check (percent between 0 and 100),
    attempts smallint not null,
    due_at timestamptz not null,        -- while it is computed: when somebody else may take it up
    requested_at timestamptz not null,
    read_at timestamptz,                -- the state of things on which it stands
    adopted_at timestamptz,
    fault code,
    cost integer,                       -- points
    forget_on date not null
);
create index assignment_plan_due on assignment_plan (due_at) where state = 'computing';
create index assignment_plan_forgotten on assignment_plan (forget_on);

-- What a plan says of one request: the choice with its costs and its runner-up, or why it is unmet.
create table planned_request (
    plan_id uuid not null references assignment_plan on delete cascade,
    booking_id uuid not null references ranking,
    enquiry_id uuid not null,
    outcome coded not null,
    primary key (plan_id, booking_id)
);
create index planned_request_of_enquiry on planned_request (enquiry_id);

create table ranked_candidate (
    booking_id uuid not null references ranking,
    slot_id uuid not null,
    place smallint not null,            -- 1 is the best
    interpreter_id uuid not null references interpreter,
    language language_tag not null,             -- the participant's, to be interpreted
    rule text not null check (rule ~ '^[a-z-]+@[0-9]{4}-[0-9]{2}-[0-9]{2}$'),                 -- pot and version of the rules
    reasons coded not null,             -- [{"reason": "continuity", "points": 40}]; their sum is the score
    primary key (booking_id, slot_id, place)
);

create table offer (
    id uuid primary key,
    booking_id uuid not null,
    case_id uuid not null,
    enquiry_id uuid not null,
    interpreter_id uuid not null references interpreter,
    ags ags not null,
    language language_tag not null,
    mode code not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    hold_expires_at timestamptz not null,
    expires_at timestamptz not null,
    state text not null check (state in ('open', 'accepted', 'declined', 'expired', 'withdrawn', 'given_back')),
    made_at timestamptz not null,
    ended_at timestamptz,               -- when it stopped being open
    unique (booking_id, interpreter_id, hold_expires_at)  -- one hold asks an interpreter once
);
create index offer_due on offer (expires_at) where state = 'open';
create index offer_of_interpreter on offer (interpreter_id, state);

-- A link by which one offer can be answered without signing in. Once it was declined or given back, it is deleted.
create table offer_link (
    offer_id uuid primary key references offer,
    token_hash bytea not null unique check (length(token_hash) = 32),  -- HMAC-SHA256
    way text not null check (way in ('mailed_link', 'handed_link')),
    made_by code not null               -- whoever had the token first, and could have answered by it
);

-- How each answer came: signed in as the interpreter, or by a link, and who had made that.
create table offer_answer (
    offer_id uuid not null references offer,
    answer text not null check (answer in ('accepted', 'declined', 'given_back')),
    way text not null check (way in ('signed_in', 'mailed_link', 'handed_link')),
    link_made_by code check ((way = 'signed_in') = (link_made_by is null)),
    answered_at timestamptz not null,
    primary key (offer_id, answer)
);

create table assignment (
    id uuid primary key,
    booking_id uuid not null,
    case_id uuid not null,
    enquiry_id uuid not null,
    interpreter_id uuid not null references interpreter,
    ags ags not null,
    language language_tag not null,
    mode code not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    case_manager_id uuid not null,
    confirmed_at timestamptz not null,
    cancelled_at timestamptz,
    outcome code check (outcome in ('attended', 'missed'))  -- null until scheduling has told
);
create unique index assignment_in_force on assignment (booking_id) where cancelled_at is null;
create index assignment_of_interpreter on assignment (interpreter_id, confirmed_at);
create index assignment_of_case on assignment (case_id, interpreter_id);

-- What an assignment costs; a cancellation is quoted anew, and then that quote holds.
create table fee_quote (
    id uuid primary key,
    assignment_id uuid not null references assignment,
    kind text not null check (kind in ('talk', 'cancellation')),
    rule text not null check (rule ~ '^[a-z-]+@[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
    lines coded not null,               -- itemised, decimals as strings
    total numeric(10, 2) not null,      -- EUR
    quoted_at timestamptz not null,
    unique (assignment_id, kind)
);

-- What scheduling was told last of the pot's lead times, so that it is told again only after a change.
create table told_lead_times (
    only_one boolean primary key check (only_one),
    told coded not null
);

-- How an interpreted talk went, in codes; once by each who was there.
create table feedback (
    assignment_id uuid not null references assignment,
    by text not null check (by in ('case_manager', 'participant', 'interpreter')),
    understanding smallint not null check (understanding between 1 and 5),
    punctuality smallint not null check (punctuality between 1 and 5),
    remarks text[] not null check (are_codes(remarks)),
    primary key (assignment_id, by)
);
