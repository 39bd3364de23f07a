// `@pstream/pst/view`: a store as a person looks at it, a page at a time.
export { PstView, type ViewedFolder, type ViewedMessage, type ViewedRow } from './pst-view.js';
