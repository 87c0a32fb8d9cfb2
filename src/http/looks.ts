/** Which requests are looks at somebody, and how they are written down. */
import { CustomerErased } from '../read/customer.ts'
import { type AppContext, requestScope, type Services } from './deps.ts'
import type { OperationSpec } from './operation.ts'
import { Problem } from './problem.ts'

/** Resolves to the answer of `work`, and notes who looked at whom by it, or was not let to. */
export async function audited(
  c: AppContext,
  services: Services,
  spec: OperationSpec,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    const response = await work()
    const outcome = spec.command && c.req.query('dryRun') === 'true' ? 'dry-run' : 'done'
    if (!auditsItself(spec, outcome)) {
      for (const look of looksOf(c, spec, outcome))
        services.audit.saw(look, auditScope(c, services))
    }
    return response
  } catch (error) {
    const outcome = denialOf(error)
    if (outcome === 'not-permitted' || (outcome !== null && isAboutSomebody(spec))) {
      await services.audit.denied(lookOf(c, spec, outcome), auditScope(c, services))
    }
    throw error
  }
}

/** A command's row is in its own transaction; a look at what it would do is a look. */
function auditsItself(spec: OperationSpec, outcome: string): boolean {
  return spec.auditsItself === true || (spec.command && outcome === 'done')
}

function isAboutSomebody({ path }: OperationSpec): boolean {
  return path.startsWith('/customers/{id}')
}

/** What somebody was not shown, and why; null for what is no denial: a wrong parameter, a store that is away. */
function denialOf(error: unknown): string | null {
  if (error instanceof CustomerErased) return 'customer-erased'
  if (!(error instanceof Problem)) return null
  const { kind } = error
  return DENIALS.has(kind) ? kind : null
}

const DENIALS: ReadonlySet<string> = new Set([
  'not-permitted',
  'customer-not-found',
  'purchase-not-found',
])

/** At whom the address says, or else at those whose purchases the answer showed. */
function looksOf(c: AppContext, spec: OperationSpec, outcome: string) {
  const look = lookOf(c, spec, outcome)
  if (isAboutSomebody(spec)) return [look]
  return (c.get('shown') ?? []).map((shown) => ({ ...look, ...shown }))
}

function lookOf(c: AppContext, spec: OperationSpec, outcome: string) {
  const { scope, employeeId, role } = c.get('principal')
  const { id, purchaseId } = c.req.param() as Record<string, string | undefined>
  const ofPurchase = spec.path.startsWith('/purchases/')
  return {
    businessId: scope.businessId,
    employeeId,
    role,
    action: spec.id,
    customerId: isAboutSomebody(spec) ? idOf(id) : null,
    purchaseId: idOf(ofPurchase ? id : purchaseId),
    outcome,
  }
}

/** What was sent may be anything where it was refused before it was read. */
function idOf(text: string | undefined): string | null {
  return text && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
    ? text.toLowerCase()
    : null
}

function auditScope(c: AppContext, services: Services) {
  const scope = requestScope(c)
  return { sourceUrl: services.sourceUrl?.(scope) ?? null, waitUntil: scope.waitUntil }
}
