import sanitizeHtml from 'sanitize-html';

/** Deepest nesting of elements that is kept. */
const MOST_DEEP = 100;

const COLOUR = /^(?:#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([\d\s.,%]{1,40}\))$/i;
const LENGTH = /^-?\d{1,4}(?:\.\d{1,4})?(?:px|pt|em|rem|%|)$/i;
const LENGTHS = /^(?:-?\d{1,4}(?:\.\d{1,4})?(?:px|pt|em|rem|%|)(?:\s+|$)){1,4}$/i;
const WORD = /^[a-z-]{1,20}$/i;

/** Properties that a message may set, each with what its value may be: nothing that names an address or leaves its place. */
const STYLES = Object.fromEntries([
  ...['color', 'background-color', 'border-color'].map((name) => [name, [COLOUR]]),
  ...['font-size', 'line-height', 'width', 'max-width', 'border-width', 'text-indent'].map((name) => [name, [LENGTH, WORD]]),
  ...['margin', 'margin-left', 'margin-top', 'margin-bottom', 'padding', 'padding-left'].map((name) => [name, [LENGTHS]]),
  ...['font-weight', 'font-style', 'text-align', 'text-decoration', 'vertical-align', 'border-style', 'border-collapse', 'white-space'].map(
    (name) => [name, [WORD, /^\d{3}$/]],
  ),
]) as Record<string, RegExp[]>;

const TAGS = [
  ...'p div span br hr blockquote pre code center address h1 h2 h3 h4 h5 h6'.split(' '),
  ...'b strong i em u s strike sub sup small big font tt ul ol li dl dt dd'.split(' '),
  ...'table caption thead tbody tfoot tr td th img'.split(' '),
];

/** Pictures that a message brings along within its text. */
const OWN_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z\d+/=\s]*$/i;

/** The HTML of a message with nothing in it that runs, fetches or leads anywhere: what is not on these lists is dropped. Links show where they lead
 *  and lead nowhere; pictures that would be fetched are named instead. */
const safeHtml = (html: string): string =>
  sanitizeHtml(html, {
    allowedTags: TAGS,
    allowedAttributes: {
      '*': ['style', 'align', 'dir', 'lang'],
      font: ['color', 'size'],
      img: ['src', 'alt', 'width', 'height'],
      ol: ['start'],
      span: ['title'],
      table: ['border', 'cellpadding', 'cellspacing', 'width', 'bgcolor'],
      td: ['colspan', 'rowspan', 'width', 'bgcolor', 'valign'],
      th: ['colspan', 'rowspan', 'width', 'bgcolor', 'valign'],
    },
    allowedStyles: { '*': STYLES },
    allowedSchemes: [],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    nestingLimit: MOST_DEEP,
    nonTextTags: [
      'script',
      'style',
      'textarea',
      'option',
      'noscript',
      'title',
      'head',
      'xml',
      'svg',
      'math',
      'template',
      'iframe',
      'object',
    ],
    transformTags: {
      a: (_tag, { href = '' }) => ({ tagName: 'span', attribs: { title: href, style: 'text-decoration: underline' } }),
      img: (_tag, { src = '', alt = '', width = '', height = '' }): sanitizeHtml.Tag =>
        OWN_PICTURE.test(src)
          ? { tagName: 'img', attribs: { src, alt, width, height } }
          : { tagName: 'span', attribs: { title: 'Not fetched' }, text: `[${alt === '' ? 'picture' : alt}]` },
    },
  });

/** What the page of a message may do: set styles and show the pictures within itself. It runs in a sandbox of no origin, in a frame of ours. */
export const MESSAGE_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox',
].join('; ');

/** A whole page of the HTML of a message. */
export const messagePage = (html: string): string =>
  '<!doctype html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light"><title>Message</title>' +
  '<style>body{margin:12px;font:14px/1.4 "Segoe UI",system-ui,sans-serif;color:#242424;background:#fff;overflow-wrap:anywhere}img{max-width:100%}</style>' +
  `</head><body>${safeHtml(html)}</body></html>`;
