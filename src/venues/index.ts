export { PaperVenue, type PaperVenueState } from './paper/paper-venue.ts'
export { PaperSettings } from './paper/settings.ts'
export { type MarketHost, VENUE_NAMES, type VenueName } from './port/index.ts'
export { BOOK_SESSIONS } from './public-sessions.ts'
