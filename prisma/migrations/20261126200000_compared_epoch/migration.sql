-- Under which lease a host was last compared in full: what is known of it is of now only under that one.
alter table host add column compared_epoch bigint;
