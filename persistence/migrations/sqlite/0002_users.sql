-- What belongs to a user: addresses, sessions, a password reset; and which access tokens are refused.

alter table users add column addresses text not null default '[]';  -- JSON, see actors/messages/codec
alter table users add column sessions text not null default '[]';   -- JSON, see actors/messages/codec
alter table users add column reset_hash text not null default '';   -- empty: none
alter table users add column reset_expires bigint not null default 0;
alter table users add column password_version bigint not null default 0;

-- Access tokens issued at `before` or earlier are refused. Kept until all of them have expired.
create table revocation (
  id integer primary key autoincrement,
  user_id text not null,
  session text not null,               -- empty: all of the user's
  before bigint not null,
  created_at bigint not null
);
create index revocation_created on revocation (created_at);
