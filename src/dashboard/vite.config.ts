import { defineConfig } from 'vite';

/** Bytes of a file that may stand in another as a data: address. None: the page's security policy allows only files. */
const INLINED_BYTES = 0;

/** Makes static files of this folder; `scripts/build-pages.mjs` runs it. */
export default defineConfig({
  base: '/',
  // Licences of what is in the bundle go with it.
  build: { assetsInlineLimit: INLINED_BYTES, license: { fileName: 'licenses.md' }, reportCompressedSize: false },
  logLevel: 'error',
});
