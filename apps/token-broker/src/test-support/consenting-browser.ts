/** A person's browser: keeps cookies by host, follows redirects one at a time, fills in the vendor's forms. */
export class ConsentingBrowser {
  private readonly cookies = new Map<string, Map<string, string>>();

  async open(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.cookies.get(host) ?? new Map<string, string>();
    this.cookies.set(host, jar);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /**
   * Signs in and consents at the vendor, beginning with the address that the relay has sent this browser to. Gives the
   * address that the vendor sends it back to, without opening it.
   */
  async consentAt(url: string, callbackUrl: string, { refuses = false } = {}): Promise<string> {
    let response = await this.open(url);
    for (let step = 0; step < 20; step++) {
      const location = response.headers.get('location');
      if (location !== null) {
        url = new URL(location, url).href;
        if (url.startsWith(callbackUrl)) return url;
        response = await this.open(url);
        continue;
      }
      const page = await response.text();
      const abort = /href="([^"]*\/abort)"/.exec(page)?.[1];
      const submit = /action="([^"]+)"/.exec(page)?.[1];
      const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1];
      if (submit === undefined || prompt === undefined)
        throw new Error(`no form at the vendor: ${response.status} ${page}`);
      if (refuses && abort !== undefined) response = await this.open(new URL(abort, url).href);
      else response = await this.open(new URL(submit, url).href, { prompt, login: 'ada', password: 'x' });
    }
    throw new Error('the vendor sends the browser round and round');
  }
}
