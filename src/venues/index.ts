export { ConnectedVenue, type ConnectedVenueOptions, type VenueAtWork } from './connected-venue.ts'
export { Connector } from './connector/connector.ts'
export type { Endpoint } from './connector/endpoint.ts'
export { nodeTransport } from './connector/node-transport.ts'
export { OrdersKnown } from './connector/orders-known.ts'
export { fillReport } from './connector/reports.ts'
export type { Credential } from './credentials/credential.ts'
export { type VenueKey, venueKey } from './credentials/key.ts'
export { rewrapAll } from './credentials/rewrap.ts'
export {
  type CredentialName,
  type Credentials,
  createCredentials,
  credentialName,
  type ReadPermissions,
} from './credentials/service.ts'
export { venueEvents } from './events.ts'
export { keepBreakerHistory } from './health/index.ts'
export { venueMetrics } from './metrics.ts'
export { openVenue } from './open-venue.ts'
export { PAPER } from './paper/capabilities.ts'
export { PaperVenue, type PaperVenueState } from './paper/paper-venue.ts'
export { PaperSettings } from './paper/settings.ts'
export * from './port/index.ts'
export { BOOK_SESSIONS } from './public-sessions.ts'
export { RateBudget, RateQueue } from './rates/index.ts'
export { VenueFace } from './venue-face.ts'
export { VENUE_RATES } from './venue-rates.ts'
export { VENUES } from './venues.ts'
export * from './views.ts'
