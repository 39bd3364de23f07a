import { messagePage } from './safe-html.js';

const bodyOf = (html: string): string => /<body>(.*)<\/body>/s.exec(messagePage(html))![1]!;

/** What would run, fetch or lead somewhere, in some of the ways that mail has tried. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<img src=x onerror=alert(1)>',
  '<img src="https://tracker.example/pixel.gif">',
  '<img srcset="https://tracker.example/a.png 2x">',
  '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
  '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="https://phish.example/">Your bank</a>',
  '<iframe src="https://tracker.example/"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="https://tracker.example/x.swf"></object><embed src="https://tracker.example/">',
  '<link rel="stylesheet" href="https://tracker.example/a.css"><base href="https://tracker.example/">',
  '<meta http-equiv="refresh" content="0;url=https://tracker.example/">',
  '<style>@import url(https://tracker.example/a.css); body{background:url(https://tracker.example/)}</style>',
  '<p style="background:url(https://tracker.example/)">x</p>',
  '<p style="background-color:url(https://tracker.example/);position:fixed;top:0">x</p>',
  '<td background="https://tracker.example/">x</td>',
  '<form action="https://tracker.example/"><input name=a><button>send</button></form>',
  '<video poster="https://tracker.example/" src="https://tracker.example/"></video>',
  '<!--[if mso]><script>alert(1)</script><![endif]-->',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<textarea><script>alert(1)</script></textarea>',
  '<details open ontoggle=alert(1)>x</details>',
  '<p id="main" name="main" class="x">x</p>',
];

describe('the page of a message', () => {
  it.each(HOSTILE)('keeps nothing that runs, fetches or leads anywhere: %s', (html) => {
    // Where a link led stands in its title, which is text.
    const markup = bodyOf(html).replaceAll(/ title="[^"]*"/g, '');
    expect(markup).not.toMatch(/<(?!\/?(?:p|div|span|td|img|table|tbody|tr)\b)/);
    expect(markup).not.toMatch(/\s(?:on\w+|href|srcset|id|name|class|background|action|poster)\s*=/i);
    expect(markup).not.toMatch(/url\(|position|javascript:|https?:|<img(?![^>]+src="data:image\/(?:png|jpeg|gif|webp);)/i);
  });

  it('keeps words, tables, colours and the pictures that a message brings along', () => {
    const picture = '<img src="data:image/png;base64,iVBORw0KGgo=" alt="Logo" />';
    expect(bodyOf(`<p style="color: red; margin: 0 4px">Grüße</p><table><tr><td colspan="2">1 &lt; 2</td></tr></table>${picture}`)).toBe(
      '<p style="color:red;margin:0 4px">Grüße</p><table><tr><td colspan="2">1 &lt; 2</td></tr></table>' +
        '<img src="data:image/png;base64,iVBORw0KGgo=" alt="Logo" />',
    );
  });

  it('says where a link leads, and names the pictures that are not fetched', () => {
    expect(bodyOf('<a href="https://contoso.com/?a=1&amp;b">us</a>')).toContain('title="https://contoso.com/?a=1&amp;b"');
    expect(bodyOf('<img src="cid:logo" alt="Our logo">')).toContain('[Our logo]');
  });

  it('survives what is nested without end', () => {
    expect(bodyOf('<div>'.repeat(20_000)).split('<div>').length).toBeLessThan(200);
  });
});
