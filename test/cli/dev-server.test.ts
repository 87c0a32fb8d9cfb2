/** `npm run dev:pwa`: what the app asks goes to the API, and what is the app's own does not. */
import { expect, test } from 'bun:test'
import { SCREENS } from '../../pwa/delivery.ts'
import config from '../../pwa/vite.config.ts'
import { OPERATIONS } from '../../src/http/operations.ts'

test("hands on every address of the API's, and none of the app's", async () => {
  const { server } = await config({ command: 'serve', mode: 'development' })
  const rules = Object.keys(server!.proxy!).map((rule) => new RegExp(rule))
  const isHandedOn = (path: string) => rules.some((rule) => rule.test(path))

  const own = OPERATIONS.map(({ spec }) => spec.path.replaceAll(/\{\w+\}/g, 'x'))
  for (const path of [...own, '/customers?query=ann', '/demo/sign-in'])
    expect({ path, isHandedOn: isHandedOn(path) }).toEqual({ path, isHandedOn: true })
  for (const path of [...SCREENS, '/src/main.tsx', '/@vite/client', '/customersx'])
    expect({ path, isHandedOn: isHandedOn(path) }).toEqual({ path, isHandedOn: false })
})
