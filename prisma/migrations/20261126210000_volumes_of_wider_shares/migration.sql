-- Volumes that are shared by way of a directory or of an export are few among the mounts of such shares, and are asked for by
-- themselves: found through the mounts, a page of shared volumes would cost more with each directory that is shared.
alter table share_mount add column volume_id uuid;

create function note_volumes_of_shares() returns trigger language plpgsql as $$
begin
  update share_mount set volume_id = m.volume_id
  from added a join share s on s.id = a.share_id and s.kind <> 'VOLUME' join mount m on m.id = a.mount_id and m.volume_id is not null
  where share_mount.share_id = a.share_id and share_mount.mount_id = a.mount_id;
  return null;
end $$;
create trigger note_volumes_of_shares after insert on share_mount
  referencing new table as added for each statement execute function note_volumes_of_shares();

create function note_volume_of_mount() returns trigger language plpgsql as $$
begin
  update share_mount set volume_id = new.volume_id
  from share s
  where share_mount.mount_id = new.id and s.id = share_mount.share_id and s.kind <> 'VOLUME';
  return null;
end $$;
create trigger note_volume_of_mount after update of volume_id on mount
  for each row when (old.volume_id is distinct from new.volume_id) execute function note_volume_of_mount();

update share_mount set volume_id = m.volume_id
from share s, mount m
where s.id = share_mount.share_id and s.kind <> 'VOLUME' and m.id = share_mount.mount_id and m.volume_id is not null;

create index share_mount_of_volume on share_mount (volume_id) where volume_id is not null;
