import type { outbox as texts } from '../en/outbox.ts'

export const outbox: typeof texts = {
  title: 'Pendientes',
  intro:
    'Lo que se hizo en este dispositivo y no ha terminado. Puedes salir de esta pantalla: sigue sola.',
  emptyTitle: 'No hay nada pendiente',
  emptyNote: 'Todo lo que hiciste aquí ha llegado a las cajas.',
  opening: 'Mirando qué hay pendiente',

  chipWaiting: (count, age) => `${count} en espera · ${age}`,
  chipUndecided: (count) => (count === 1 ? '1 te necesita' : `${count} te necesitan`),
  chipDone: (count) => (count === 1 ? '1 hecha' : `${count} hechas`),
  chipLabel: (facts) => `Pendientes: ${facts}`,
  left: {
    device: (count) =>
      count === 1
        ? 'Queda 1 cosa por enviar. No se pierde nada: sigue cuando vuelvas a entrar.'
        : `Quedan ${count} cosas por enviar. No se pierde nada: siguen cuando vuelvas a entrar.`,
    tab: (count) =>
      count === 1
        ? 'Queda 1 cosa por enviar y solo la tiene esta pestaña. Déjala abierta y vuelve a entrar aquí: entonces sigue.'
        : `Quedan ${count} cosas por enviar y solo las tiene esta pestaña. Déjala abierta y vuelve a entrar aquí: entonces siguen.`,
    nowhere: (count) =>
      count === 1
        ? '1 cosa no terminó y no puede seguir: la sesión no nombraba a nadie. Mira el recibo o el cliente antes de hacerla otra vez.'
        : `${count} cosas no terminaron y no pueden seguir: la sesión no nombraba a nadie. Mira los recibos o los clientes antes de hacerlas otra vez.`,
  },
  unreadable:
    'Ahora no se puede leer lo que hay pendiente aquí. No se pierde, y entretanto no se envía nada. La aplicación lo vuelve a intentar sola cada medio minuto. Si sigue así, cierra todas sus pestañas y ábrela de nuevo.',
  chipUnreadable: 'no se puede leer',
  notKept:
    'Este dispositivo no pudo guardarlo, así que no se cambió nada. Libera espacio en él, o cierra la aplicación y ábrela de nuevo. Después, inténtalo otra vez.',
  volatile:
    'Este navegador no puede guardar lo que aún no se ha enviado. Deja esta pestaña abierta hasta que no quede nada.',

  groups: {
    undecided: 'Decides tú',
    done: 'Hecho entretanto',
    waiting: 'En camino',
  },
  acts: {
    return: 'Devolución',
    merge: 'Unión de dos clientes',
    unmerge: 'Unión deshecha',
    attribution: 'Recibo y su cliente',
    erasure: 'Borrado de un cliente',
  },
  more: (next, hidden) => `Mostrar ${next} más de ${hidden}`,
  guest: 'Sin cliente',
  sinceBegun: (span, time) => `hace ${span}, ${time}`,
  attempts: (count) => (count === 1 ? '1 intento' : `${count} intentos`),

  states: {
    requested: 'Sin resolver',
    unsent: 'Sin enviar',
    unanswered: 'Sin respuesta',
    elsewhere: 'Espera tus tiendas',
    refused: 'Rechazada',
    expired: 'Demasiado antigua',
    done: 'Hecha',
  },
  notes: {
    requested:
      'No entregues dinero. No había conexión y no se envió nada. Resuélvela con el cliente: el importe se calcula entonces.',
    requestedAgain:
      'No entregues dinero. Se rechazó y no se cambió nada. Resuélvela con el cliente: otro importe, u otra forma.',
    unsent: 'Aún no se envió nada. Se envía sola cuando haya conexión.',
    unsentReturn:
      'No entregues dinero todavía. No se envió nada; se envía sola, por el importe que confirmaste.',
    unanswered:
      'Se envió y no llegó respuesta, así que puede estar hecha. Se vuelve a preguntar sola, y nunca se hace dos veces.',
    unansweredReturn:
      'No entregues dinero hasta que aquí diga «Hecha». Se envió y no llegó respuesta; se vuelve a preguntar sola, y nunca se paga dos veces.',
    elsewhere:
      'La empezaste con la sesión de otras tiendas. Se envía cuando vuelvas a entrar para ellas.',
    unchanged: 'No se cambió nada.',
    mayBeDone: 'Puede que se hiciera antes de eso: compruébalo primero.',
    expired: 'No se pudo enviar durante un mes y ya no se envía.',
    done: 'Hecha, una sola vez. No queda nada por hacer.',
    doneReturn: 'Devuelto, una sola vez.',
  },

  settle: 'Resolver ahora',
  openReceipt: 'Abrir el recibo',
  openCustomer: 'Abrir el cliente',
  again: 'Hacerlo de nuevo',
  remove: 'Quitar',
  stopAsking: 'Dejar de preguntar',
  seen: 'De acuerdo',
  stopTitle: '¿Dejar de pedir la respuesta?',
  stopNote:
    'Puede que esté hecha. Si lo dejas, este dispositivo nunca lo dirá. Mira el recibo o el cliente antes de hacerlo otra vez.',
  keepAsking: 'Conservarla',
  save: 'Guardar un archivo para soporte',
  saveNote: 'Sin nombres y sin tu sesión.',

  notice: (count) =>
    count === 1 ? 'Algo de esto no ha terminado.' : `${count} cosas de esto no han terminado.`,
  noticeReturn: 'Hay una devolución sin resolver. No entregues dinero por ella todavía.',
  noticeLink: 'Ver pendientes',
}
