import type { people as texts } from '../en/people.ts'

const purchases = (count: number) => (count === 1 ? '1 compra' : `${count} compras`)

export const people: typeof texts = {
  actions: 'Acciones',
  offered: {
    merge: 'Unir con otra ficha …',
    merges: 'Uniones de este cliente',
  },
  cancel: 'Cancelar',
  putAway: 'Quitar',
  thisCustomer: 'Este cliente',
  waitingTitle: 'Aún sin respuesta',
  waiting:
    'Se guarda en este dispositivo y se envía de nuevo hasta que el servidor conteste. Nada se hace dos veces.',

  alike: 'Puede ser la misma persona',
  maybeSame: 'Puede ser la misma persona que',
  andOthers: (count) => (count === 1 ? ' y otra ficha' : ` y otras ${count} fichas`),
  sameAs: {
    phone: (hint) => `mismo teléfono ${hint}`,
    email: (hint) => `mismo correo ${hint}`,
  },
  compare: 'Comparar',
  notTheSame: 'Son distintas',
  openRecord: 'Abrir esa ficha',

  mergeTitle: 'Unir dos fichas de una persona',
  mergeWith: 'Buscar la otra ficha',
  whichStays: '¿Qué ficha se queda?',
  stays: 'Se queda',
  goes: 'Pasa a la otra',
  newest: 'Últimas compras',
  wouldMove: (count) =>
    count === 0
      ? 'No pasa ninguna compra.'
      : `${count === 1 ? 'Pasa' : 'Pasan'} ${purchases(count)} a la ficha que se queda.`,
  oldLeadsThere: 'La otra lleva desde entonces a ella. Se puede deshacer.',
  unseenMove: 'También pasan las compras de tiendas que usted no ve.',
  cantMerge: 'Estas dos no se pueden unir:',
  mergeReason: 'Por qué son la misma persona',
  mergeReasonHint: 'Para quien tenga que comprobarlo',
  another: 'Elegir otra',
  merge: 'Unir',
  merging: 'Uniendo …',
  mergedTitle: 'Unidas',
  merged: (name, count) =>
    `La ficha de ${name} ya es parte de esta. ${count === 0 ? 'No tenía compras.' : `Ha traído ${purchases(count)}.`}`,
  undo: 'Deshacer',

  undoTitle: '¿Deshacer esta unión?',
  undoWhat: (name) =>
    `${name} vuelve a tener su propia ficha, con todas las compras que trajo la unión. Lo comprado desde entonces, y lo que alguien haya asignado a mano, se queda aquí.`,
  keepMerged: 'Dejarlas unidas',
  undoing: 'Deshaciendo …',
  undoneTitle: 'Unión deshecha',
  undone: (name, count) =>
    `${name} vuelve a tener su propia ficha${count === 0 ? '.' : `, con ${purchases(count)}.`}`,

  mergesTitle: 'Uniones de este cliente',
  noMerges: 'Esta ficha nunca se ha unido con otra.',
  into: 'con',
  mergedBy: (who, when) => `Por ${who}, ${when}`,
  aService: 'un usuario sin nombre',
  undoneOn: (when) => `Deshecha el ${when}`,

  refusals: {
    'customer-not-found': () => [
      'Esa ficha ya no existe',
      'Alguien la ha quitado. Busque otra vez.',
    ],
    'into-itself': () => ['Es la misma ficha', 'Elija otra.'],
    'already-merged': (name) => [
      `${name} ya está en otra ficha`,
      'Deshaga antes esa unión, o elija la ficha a la que lleva.',
    ],
    'target-merged': (name) => [
      `${name} pasó a su vez a otra ficha`,
      'Elija la ficha a la que lleva.',
    ],
    erased: (name) => [
      `${name}: datos borrados`,
      'Quien pidió el olvido queda olvidado: no se puede hacer nada con esa ficha.',
    ],
    blocked: (name) => [
      `${name}: cliente bloqueado`,
      'Antes tiene que desbloquearlo quien lo bloqueó, en la oficina. Después inténtelo otra vez.',
    ],
    'merge-not-found': () => [
      'Esa unión no es de este cliente',
      'Abra de nuevo el cliente y mire la lista de uniones.',
    ],
    'already-undone': () => [
      'Alguien ya la ha deshecho',
      'No queda nada por hacer. Abra de nuevo el cliente para verlo.',
    ],
    'actor-unknown': () => [
      'Los registros de la caja no le conocen',
      'Pregunte a quien lleva su acceso. No se ha cambiado nada.',
    ],
    'not-now': () => [
      'Ahora no se puede',
      'No se ha cambiado nada. Espere un momento e inténtelo otra vez.',
    ],
  },
}
