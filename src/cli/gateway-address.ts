import { StowageClient } from '../client/client.js';
import { readGatewayAddress } from '../config.js';

/** The gateway that STOWAGE_URL, or `url`, and STOWAGE_TOKEN lead to. @throws {SettingsError} */
export function clientFor(environment: NodeJS.ProcessEnv, url: string | undefined): StowageClient {
  return new StowageClient(readGatewayAddress(environment, url));
}
