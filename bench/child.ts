import { spawn } from 'node:child_process'

/** Calls an exported function of a module in a new process, so that nothing is compiled or warm, and gives its answer. */
export function inChild<T>(module: string, name: string, flags: readonly string[] = []): Promise<T> {
  const code = `const m = await import(${JSON.stringify(module)}); process.send(await m[${JSON.stringify(name)}]()); process.disconnect()`
  return new Promise((resolve, reject) => {
    let answer: { value: T } | undefined
    const child = spawn(process.execPath, [...flags, '--import', 'tsx', '--input-type=module', '-e', code], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child.on('message', value => {
      answer = { value: value as T }
    })
    child.on('exit', status => {
      if (answer === undefined) reject(new Error(`${name} ended with ${status} and gave nothing`))
      else resolve(answer.value)
    })
  })
}
