export { PaperVenue, type PaperVenueState } from './paper/paper-venue.ts'
export { PaperSettings } from './paper/settings.ts'
