export * from './house-api.ts'
export { HOUSE_TRADERS, HouseCrowd } from './house-crowd.ts'
