-- Whose a page's session is, so that a caller has so many at most. Those from before are nobody's, and end within a day.
alter table web_session add column caller text;
create index web_session_caller_expires_at_idx on web_session (caller, expires_at);
