import { asArray, asRecord, asText } from './json-values.js';

/** A volume driver of an engine. */
export interface VolumeDriver {
  /** As volumes of it name their driver; a managed plugin's has its tag: `vieux/sshfs:latest`. */
  readonly name: string;
  /** false: a managed plugin that is there and does not run. */
  readonly enabled: boolean;
}

/** The drivers in an answer of `/info`: the engine's own, and of the plugins that run beside it those that it has loaded. */
export function readLoadedDrivers(info: unknown): VolumeDriver[] {
  return asArray(asRecord(asRecord(info)['Plugins'])['Volume']).map((name) => ({ name: asText(name), enabled: true }));
}

/** The volume drivers in an answer of `GET /plugins`, which lists the plugins that the engine runs itself. */
export function readManagedDrivers(plugins: unknown): VolumeDriver[] {
  return asArray(plugins)
    .map(asRecord)
    .filter((plugin) => asArray(asRecord(asRecord(plugin['Config'])['Interface'])['Types']).some(isVolumeDriver))
    .map((plugin) => ({ name: asText(plugin['Name']), enabled: plugin['Enabled'] === true }));
}

/** `docker.volumedriver/1.0`, which the API's reference shows in its three parts. */
function isVolumeDriver(type: unknown): boolean {
  const capability = typeof type === 'string' ? /^docker\.([^/]*)\//.exec(type)?.[1] : asText(asRecord(type)['Capability']);
  return capability?.toLowerCase() === 'volumedriver';
}

/** The driver that an engine takes for this name: a managed plugin goes before another one, and has the tag `latest` when none is said. */
export function driverNamed(drivers: readonly VolumeDriver[], asked: string): VolumeDriver | undefined {
  const tagged = /:[^/]*$/.test(asked) ? asked : `${asked}:latest`;
  return drivers.find(({ name }) => name === tagged) ?? drivers.find(({ name }) => name === asked);
}
