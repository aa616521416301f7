export { PaperVenue, type PaperVenueState } from './paper/paper-venue.ts'
export { PAPER_ORDERS_MAX, PaperSettings } from './paper/settings.ts'
