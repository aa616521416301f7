export { PaperVenue, type PaperVenueState } from './paper/paper-venue.ts'
export { PaperSettings } from './paper/settings.ts'
export { fillReport } from './connector/reports.ts'
export * from './port/index.ts'
