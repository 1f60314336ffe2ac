/** The modem's redirect-following HTTP client; only its limit is needed here. */
declare module 'docker-modem/lib/http.js' {
  const modemHttp: { maxRedirects: number };
  export default modemHttp;
}
