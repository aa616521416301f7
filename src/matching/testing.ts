/** For tests, benches and the replay of consensus messages. */
export * from './engine/consensus.ts'
