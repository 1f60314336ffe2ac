import { asArray, asRecord, asText } from './json-values.js';

/** What every container may do unless told otherwise (moby `oci/caps`, DefaultCapabilities). */
const DEFAULT_CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '),
);
/** Parts of its host that a container may be put into, by the engine's word for each. */
const NAMESPACES: Readonly<Record<string, string>> = {
  NetworkMode: 'network',
  PidMode: 'processes',
  IpcMode: 'shared memory',
  UTSMode: 'name',
  UsernsMode: 'users',
};
/** What may be in SecurityOpt and only takes rights away. */
const NO_NEW_PRIVILEGES = /^no-new-privileges([:=]true)?$/;

/** What a container has of its host beyond what every container has, in words. Mounts are told elsewhere. */
export function readPrivileges(hostConfig: unknown): string[] {
  const given = asRecord(hostConfig);
  const texts = (key: string) => asArray(given[key]).map(asText);
  const capabilities = texts('CapAdd').map((name) => name.toUpperCase().replace(/^CAP_/, ''));
  const further = capabilities.filter((name) => !DEFAULT_CAPABILITIES.has(name));
  const security = texts('SecurityOpt').filter((option) => !NO_NEW_PRIVILEGES.test(option));
  const devices = asArray(given['Devices']).map((device) => asText(asRecord(device)['PathOnHost']));
  return [
    ...(given['Privileged'] === true ? ['all rights (privileged)'] : []),
    ...(further.length === 0 ? [] : [`the capabilities ${further.join(', ')}`]),
    ...(devices.length === 0 ? [] : [`the devices ${devices.join(', ')}`]),
    ...(asArray(given['DeviceRequests']).length === 0 ? [] : ['devices of a driver']),
    ...(asArray(given['DeviceCgroupRules']).length === 0 ? [] : ['rules for devices']),
    ...Object.entries(NAMESPACES).flatMap(([key, word]) => (given[key] === 'host' ? [`the ${word} of the host`] : [])),
    ...(security.length === 0 ? [] : [`the security options ${security.join(', ')}`]),
    // None hidden is told as an empty list; otherwise an engine tells what it hides, and an old one nothing.
    ...(['MaskedPaths', 'ReadonlyPaths'].some((key) => Array.isArray(given[key]) && asArray(given[key]).length === 0)
      ? ['the paths of the kernel that others do not see']
      : []),
  ];
}

/** The containers, by name or id, whose network, processes or shared memory it is to have: with them it has what those have. */
export function readJoined(hostConfig: unknown): string[] {
  const given = asRecord(hostConfig);
  return Object.keys(NAMESPACES).flatMap((key) => /^container:(.+)$/.exec(asText(given[key]))?.[1] ?? []);
}
