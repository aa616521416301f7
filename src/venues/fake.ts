export { FakeMarketHost } from './streams/fake.ts'
