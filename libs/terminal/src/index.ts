export { fit, widthOf } from './fit.js';
export { liveArea, type LiveArea, type Screen } from './live-area.js';
export { tableText } from './table.js';
