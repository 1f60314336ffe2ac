import { defineConfig } from 'vite';

/** Bytes of a file that may stand in another as a data: address. None: the page's security policy allows only files. */
const INLINED_BYTES = 0;
/** Kilobytes of a file from which on Vite warns. GraphiQL's editor (monaco) is one of 2.8 MB. */
const LARGE_FILE_KB = 4_000;

/** Makes static files of this folder; `scripts/build-pages.mjs` runs it. */
export default defineConfig({
  base: '/graphiql/',
  // Licences of what is in the bundle go with it.
  build: { assetsInlineLimit: INLINED_BYTES, chunkSizeWarningLimit: LARGE_FILE_KB, license: { fileName: 'licenses.md' }, reportCompressedSize: false },
  logLevel: 'error',
});
