/** `pt projector reset`: forgets the read model and drops the slot. */
import { reset } from '../../projector/reset.ts'
import { CliError, type Command } from '../command.ts'
import { PROJECTION_OPTIONS, projectionOptions, resolveConnections } from '../connections.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'reset'],
  summary: 'Forget the read model and drop the slot: the next start copies the source anew',
  usage: '--yes [--source NAME] [--slot NAME]',
  options: {
    yes: { type: 'boolean', help: 'that it is meant' },
    source: PROJECTION_OPTIONS.source,
    slot: { ...PROJECTION_OPTIONS.slot, help: 'the slot (default that of the read model)' },
  },
  async run({ data, values, json }) {
    if (values.yes !== true)
      throw new CliError('This empties the read model until it is copied anew: say --yes', 2)
    const projection = projectionOptions(values)
    const connections = await resolveConnections(data)
    await projecting(connections, () => reset({ ...connections, ...projection }))
    console.log(json ? JSON.stringify({ reset: true }) : 'The next start copies the source anew.')
    return 0
  },
}
