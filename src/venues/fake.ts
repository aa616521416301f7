export { FakeMarketHost } from './streams/fake.ts'
export { FakeWire } from './streams/fake-wire.ts'
