/** `pt projector reset`: forgets the read model and drops the slot. */
import { reset } from '../../projector/reset.ts'
import { CliError, type Command } from '../command.ts'
import { resolveConnections } from '../connections.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'reset'],
  summary: 'Forget the read model and drop the slot: the next start copies the source anew',
  usage: '--yes [--slot NAME]',
  options: { yes: { type: 'boolean' }, slot: { type: 'string' } },
  async run({ data, values, json }) {
    if (values.yes !== true)
      throw new CliError('This empties the read model until it is copied anew: say --yes', 2)
    const connections = await resolveConnections(data)
    const slot = typeof values.slot === 'string' ? { slotName: values.slot } : {}
    await projecting(connections, () => reset({ ...connections, ...slot }))
    console.log(json ? JSON.stringify({ reset: true }) : 'The next start copies the source anew.')
    return 0
  },
}
