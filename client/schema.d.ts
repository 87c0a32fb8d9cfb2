/** Made by `npm run client` from the API's own document, /openapi.json. Do not edit. */

export interface paths {
  '/healthz': {
    get: operations['getHealth']
  }
  '/readyz': {
    get: operations['getReadiness']
  }
  '/metrics': {
    get: operations['getMetrics']
  }
  '/customers': {
    get: operations['findCustomers']
  }
  '/customers/{id}': {
    get: operations['getCustomer']
  }
  '/customers/{id}/purchase-summary': {
    get: operations['getPurchaseSummary']
  }
  '/customers/{id}/spending': {
    get: operations['getSpending']
  }
  '/customers/{id}/purchases': {
    get: operations['getPurchases']
  }
  '/customers/{id}/purchases/{purchaseId}': {
    get: operations['getReceipt']
  }
  '/customers/{id}/changes': {
    get: operations['getChanges']
  }
  '/purchases': {
    get: operations['findPurchases']
  }
  '/purchases/{id}': {
    get: operations['getPurchase']
  }
  '/locations': {
    get: operations['getLocations']
  }
  '/customers/{id}/merge-suggestions': {
    get: operations['suggestMerges']
  }
  '/customers/{id}/merges': {
    get: operations['getMerges']
    post: operations['mergeCustomers']
  }
  '/customers/{id}/merges/{mergeId}': {
    delete: operations['unmergeCustomers']
  }
  '/purchases/{id}/attribution': {
    post: operations['attributePurchase']
  }
  '/purchases/{id}/returns': {
    post: operations['returnPurchase']
  }
  '/customers/{id}/erasure': {
    post: operations['eraseCustomer']
  }
  '/devices/purge': {
    get: operations['getPurge']
  }
  '/customers/{id}/accesses': {
    get: operations['getAccesses']
  }
  '/customers/{id}/export': {
    get: operations['exportCustomer']
  }
  '/openapi.json': {
    get: operations['getOpenApi']
  }
  '/docs': {
    get: operations['getDocs']
  }
  '/docs/style.css': {
    get: operations['getDocsStyle']
  }
}

export interface operations {
  getHealth: {
    parameters: {
      query?: never
      header?: never
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Health']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getReadiness: {
    parameters: {
      query?: never
      header?: never
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Readiness']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/json': components['schemas']['Readiness']
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getMetrics: {
    parameters: {
      query?: never
      header?: never
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'text/plain': string
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-found'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  findCustomers: {
    parameters: {
      query: {
        query: string
      }
      header?: {
        'Consistency-Token'?: string
      }
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['CustomerSearch']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getCustomer: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Customer']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      410: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-erased'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getPurchaseSummary: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
        'If-None-Match'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['PurchaseSummary']
        }
      }
      304: {
        content?: never
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      410: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-erased'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getSpending: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
        'If-None-Match'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Spending']
        }
      }
      304: {
        content?: never
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      410: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-erased'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getPurchases: {
    parameters: {
      query?: {
        fromDate?: string
        toDate?: string
        type?: 'sale' | 'order'
        saleType?: 'sale' | 'return' | 'exchange' | 'layaway_completion'
        locationId?: string
        limit?: number
        cursor?: string
      }
      header?: {
        'Consistency-Token'?: string
        'If-None-Match'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['PurchaseList']
        }
      }
      304: {
        content?: never
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:invalid-parameter'
              | 'urn:purchase-timeline:problem:invalid-cursor'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      410: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-erased'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getReceipt: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
        'If-None-Match'?: string
      }
      path: {
        id: string
        purchaseId: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Receipt']
        }
      }
      304: {
        content?: never
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:customer-not-found'
              | 'urn:purchase-timeline:problem:purchase-not-found'
          }
        }
      }
      410: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-erased'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getChanges: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'text/event-stream': string
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      410: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-erased'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      501: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:changes-not-offered'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  findPurchases: {
    parameters: {
      query: {
        receiptNumber: string
      }
      header?: {
        'Consistency-Token'?: string
      }
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['PurchaseSearch']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getPurchase: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['PurchaseReceipt']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:purchase-not-found'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getLocations: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
      }
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Locations']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  suggestMerges: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['MergeSuggestions']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      410: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-erased'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getMerges: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['MergeHistory']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:source-busy'
              | 'urn:purchase-timeline:problem:source-unavailable'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  mergeCustomers: {
    parameters: {
      query?: {
        dryRun?: boolean
      }
      header?: {
        'Idempotency-Key'?: string
      }
      path: {
        id: string
      }
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['MergeRequest']
      }
    }
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['MergePreview']
        }
      }
      201: {
        content: {
          'application/json': components['schemas']['Merge']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:not-permitted'
              | 'urn:purchase-timeline:problem:actor-unknown'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      409: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:idempotency-in-progress'
              | 'urn:purchase-timeline:problem:already-merged'
              | 'urn:purchase-timeline:problem:target-merged'
              | 'urn:purchase-timeline:problem:erased'
              | 'urn:purchase-timeline:problem:blocked'
          }
        }
      }
      413: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:body-too-large'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      415: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:unsupported-media-type'
          }
        }
      }
      422: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:idempotency-key-reused'
              | 'urn:purchase-timeline:problem:into-itself'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:source-busy'
              | 'urn:purchase-timeline:problem:source-unavailable'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  unmergeCustomers: {
    parameters: {
      query?: never
      header?: {
        'Idempotency-Key'?: string
      }
      path: {
        id: string
        mergeId: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Unmerge']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:not-permitted'
              | 'urn:purchase-timeline:problem:actor-unknown'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:merge-not-found'
          }
        }
      }
      409: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:idempotency-in-progress'
              | 'urn:purchase-timeline:problem:already-undone'
              | 'urn:purchase-timeline:problem:erased'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      422: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:idempotency-key-reused'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:source-busy'
              | 'urn:purchase-timeline:problem:source-unavailable'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  attributePurchase: {
    parameters: {
      query?: never
      header?: {
        'Idempotency-Key'?: string
      }
      path: {
        id: string
      }
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['AttributionRequest']
      }
    }
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Attribution']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:not-permitted'
              | 'urn:purchase-timeline:problem:actor-unknown'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:purchase-not-found'
              | 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      409: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:idempotency-in-progress'
              | 'urn:purchase-timeline:problem:erased'
              | 'urn:purchase-timeline:problem:blocked'
              | 'urn:purchase-timeline:problem:stronger-evidence'
          }
        }
      }
      413: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:body-too-large'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      415: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:unsupported-media-type'
          }
        }
      }
      422: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:idempotency-key-reused'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:source-busy'
              | 'urn:purchase-timeline:problem:source-unavailable'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  returnPurchase: {
    parameters: {
      query?: {
        dryRun?: boolean
      }
      header?: {
        'Idempotency-Key'?: string
      }
      path: {
        id: string
      }
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ReturnRequest']
      }
    }
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Return']
        }
      }
      201: {
        content: {
          'application/json': components['schemas']['Return']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:not-permitted'
              | 'urn:purchase-timeline:problem:actor-unknown'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:purchase-not-found'
              | 'urn:purchase-timeline:problem:location-not-found'
              | 'urn:purchase-timeline:problem:line-not-found'
          }
        }
      }
      409: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:idempotency-in-progress'
              | 'urn:purchase-timeline:problem:not-returnable'
              | 'urn:purchase-timeline:problem:more-than-remains'
              | 'urn:purchase-timeline:problem:refund-changed'
              | 'urn:purchase-timeline:problem:refund-out-of-range'
              | 'urn:purchase-timeline:problem:tender-exhausted'
          }
        }
      }
      413: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:body-too-large'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      415: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:unsupported-media-type'
          }
        }
      }
      422: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:idempotency-key-reused'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:source-busy'
              | 'urn:purchase-timeline:problem:source-unavailable'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  eraseCustomer: {
    parameters: {
      query?: {
        dryRun?: boolean
      }
      header?: {
        'Idempotency-Key'?: string
      }
      path: {
        id: string
      }
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ErasureRequest']
      }
    }
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['Erasure']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:not-permitted'
              | 'urn:purchase-timeline:problem:actor-unknown'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      409: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:idempotency-in-progress'
              | 'urn:purchase-timeline:problem:already-merged'
              | 'urn:purchase-timeline:problem:erased'
              | 'urn:purchase-timeline:problem:others-merged'
          }
        }
      }
      413: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:body-too-large'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      415: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:unsupported-media-type'
          }
        }
      }
      422: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:idempotency-key-reused'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:source-busy'
              | 'urn:purchase-timeline:problem:source-unavailable'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getPurge: {
    parameters: {
      query?: {
        after?: string
      }
      header?: {
        'Consistency-Token'?: string
        'If-None-Match'?: string
      }
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['PurgeList']
        }
      }
      304: {
        content?: never
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:source-unavailable'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getAccesses: {
    parameters: {
      query?: {
        limit?: number
        cursor?: string
      }
      header?: {
        'Consistency-Token'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['AccessList']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:source-unavailable'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  exportCustomer: {
    parameters: {
      query?: never
      header?: {
        'Consistency-Token'?: string
      }
      path: {
        id: string
      }
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': components['schemas']['CustomerExport']
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      401: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-token'
          }
        }
      }
      403: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-permitted'
          }
        }
      }
      404: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-not-found'
          }
        }
      }
      410: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:customer-erased'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      429: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:too-many-requests'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type:
              | 'urn:purchase-timeline:problem:auth-unavailable'
              | 'urn:purchase-timeline:problem:read-model-building'
              | 'urn:purchase-timeline:problem:store-unavailable'
              | 'urn:purchase-timeline:problem:not-yet-consistent'
              | 'urn:purchase-timeline:problem:source-unavailable'
              | 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getOpenApi: {
    parameters: {
      query?: never
      header?: never
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'application/json': string
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getDocs: {
    parameters: {
      query?: never
      header?: never
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'text/html': string
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
  getDocsStyle: {
    parameters: {
      query?: never
      header?: never
      path?: never
    }
    requestBody?: never
    responses: {
      200: {
        content: {
          'text/css': string
        }
      }
      400: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:invalid-parameter'
          }
        }
      }
      414: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:uri-too-long'
          }
        }
      }
      431: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:headers-too-large'
          }
        }
      }
      500: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:internal'
          }
        }
      }
      503: {
        content: {
          'application/problem+json': components['schemas']['Problem'] & {
            type: 'urn:purchase-timeline:problem:not-set-up'
          }
        }
      }
    }
  }
}

export interface components {
  schemas: {
    Access: {
      /** RFC 3339 in UTC, always with six decimals. */
      at: string
      /** Null: a service. The name is null once the employee is gone. */
      employee: {
        id: string
        name: string | null
      } | null
      role: string
      /** The operation; `retention` for what the chain has forgotten by itself. */
      action: string
      /** The id that was asked for. */
      customerId: string
      purchaseId: string | null
      /** `done`, `dry-run`, or the kind of problem that was answered instead. */
      outcome: string
    }
    AccessList: {
      data: components['schemas']['Access'][]
      page: {
        next: string | null
      }
    }
    AsOf: {
      lsn: string
      committedAt: string | null
      sources?: Record<string, string>
    }
    Attribution: {
      purchaseId: string
      kind: 'sale' | 'order'
      /** Null: it was a guest's. */
      formerCustomerId: string | null
      /** How sure that was; null: nobody had said. */
      formerEvidence: ('suggested' | 'confirmed' | 'proven') | null
      /** Whose it is: the survivor of who was named; null: a guest's. */
      customerId: string | null
      evidence: 'suggested' | 'confirmed' | 'proven'
    }
    AttributionRequest: {
      /** Whose it is; null: a guest's. */
      customerId: string | null
      /** How sure that is, the weakest first. */
      evidence: 'suggested' | 'confirmed' | 'proven'
      /** What the evidence is. */
      note?: string
      /** That it stands against stronger evidence, too. */
      overrule?: boolean
    }
    Contact: {
      id: string
      status: 'active' | 'merged' | 'blocked' | 'erased'
      name: string | null
      phone: string | null
      email: string | null
      externalRef: string | null
      /** RFC 3339 in UTC, always with six decimals. */
      createdAt: string
    }
    Customer: {
      customerId: string
      /** Only where the id that was asked for was merged into `customerId`. */
      mergedFrom?: string
      name: string | null
      externalRef: string | null
      status: 'active' | 'merged' | 'blocked' | 'erased'
      /** The last four digits of the phone number. */
      phoneEnding: string | null
      asOf: components['schemas']['AsOf']
    }
    CustomerExport: {
      format: 'purchase-timeline/customer-export'
      version: 1
      exportedAt: string
      customer: components['schemas']['Contact']
      /** Whose ids lead to this customer. */
      mergedCustomers: components['schemas']['Contact'][]
      merges: {
        id: string
        fromCustomerId: string
        intoCustomerId: string
        reason: string | null
        /** RFC 3339 in UTC, always with six decimals. */
        mergedAt: string
        undoneAt: string | null
      }[]
      attributions: {
        purchaseKind: 'sale' | 'order'
        purchaseId: string
        fromCustomerId: string | null
        toCustomerId: string | null
        evidence: string
        note: string | null
        /** RFC 3339 in UTC, always with six decimals. */
        attributedAt: string
      }[]
      /** Newest first. */
      purchases: components['schemas']['ExportedPurchase'][]
      /** Who looked, by role, newest first. */
      accesses: {
        /** RFC 3339 in UTC, always with six decimals. */
        at: string
        role: string
        /** The operation; `retention` for what the chain has forgotten by itself. */
        action: string
        /** The id that was asked for. */
        customerId: string
        purchaseId: string | null
        /** `done`, `dry-run`, or the kind of problem that was answered instead. */
        outcome: string
      }[]
      /** Of the first page: all that was committed before is there. */
      asOf: components['schemas']['AsOf']
      /** Of the last page: nothing that came later is there. */
      until: components['schemas']['AsOf']
      /** The last member: without it, it broke off. */
      complete: true
    }
    CustomerSearch: {
      data: components['schemas']['FoundCustomer'][]
      asOf: components['schemas']['AsOf']
    }
    Erasure: {
      /** The customer, and all that were merged into it. */
      customerIds: string[]
      detached: components['schemas']['PurchaseCounts']
      /** Merges whose reasons and ledgers go. */
      merges: number
    }
    ErasureRequest: {
      /** The customer's id again; not for a dry run. */
      confirm?: string
      /** The `customerIds` that a dry run said would go: it is refused if anybody else would by now. */
      expectedCustomerIds?: string[]
    }
    ExportedPurchase: {
      id: string
      /** sale, return, exchange, layaway_completion; dine_in, takeaway, delivery. */
      type: string
      status: string
      /** Whether totals have it in them. */
      counted: boolean
      /** RFC 3339 in UTC, always with six decimals. */
      occurredAt: string
      receiptNumber: string | null
      location: components['schemas']['Location']
      total: components['schemas']['Money']
      kind: 'sale' | 'order'
      /** What a return or an exchange took back. */
      refunded: components['schemas']['Money']
      tip: components['schemas']['Money']
      discount: components['schemas']['Money']
      /** Its lines that are neither voided nor comped. */
      itemCount: number
      parentPurchaseId: string | null
      subtotal: components['schemas']['Money']
      tax: components['schemas']['Money']
      guestCount: number | null
      orderId: string | null
      settledBy: string[]
      lines: {
        id: string
        lineNo: number
        productId: string | null
        variantId: string | null
        productName: string
        variantName: string | null
        sku: string | null
        size: string | null
        color: string | null
        categoryName: string | null
        /** At most three decimals. */
        qty: number
        unitPrice: components['schemas']['Money']
        discount: components['schemas']['Money']
        tax: components['schemas']['Money']
        total: components['schemas']['Money']
        promotionRef: string | null
        bundleRef: string | null
        parentLineId: string | null
        seatNo: number | null
        voided: boolean
        comped: boolean
        /** Whether its total is part of the purchase's total. */
        counted: boolean
      }[]
      payments: components['schemas']['Payment'][]
    }
    FoundCustomer: {
      id: string
      name: string | null
      externalRef: string | null
      status: 'active' | 'merged' | 'blocked' | 'erased'
      /** The last four digits of the phone number, where another hit goes by the same name; else null. */
      phoneEnding: string | null
      mergedInto: string | null
      /** Whose it all is now, after all merges; null: not merged. */
      survivor: {
        id: string
        name: string | null
        externalRef: string | null
      } | null
    }
    FoundPurchase: {
      id: string
      /** sale, return, exchange, layaway_completion; dine_in, takeaway, delivery. */
      type: string
      status: string
      /** Whether totals have it in them. */
      counted: boolean
      /** RFC 3339 in UTC, always with six decimals. */
      occurredAt: string
      receiptNumber: string
      location: components['schemas']['Location']
      total: components['schemas']['Money']
      kind: 'sale' | 'order'
      itemCount: number
      /** Whose it is, after all merges; null: a guest's. */
      customer: {
        id: string
        name: string | null
        status: 'active' | 'merged' | 'blocked' | 'erased'
      } | null
    }
    Health: {
      status: 'up'
    }
    Location: {
      id: string
      name: string | null
    }
    Locations: {
      data: components['schemas']['VisibleLocation'][]
      asOf: components['schemas']['AsOf']
    }
    MaskedPurchase: {
      type: null
      status: null
      counted: null
      receiptNumber: null
      location: null
      total: null
      kind: 'sale' | 'order'
      refunded: null
      tip: null
      discount: null
      itemCount: null
      parentPurchaseId: null
      topItem: null
      id: string
      masked: true
      /** RFC 3339 in UTC, always with six decimals. */
      occurredAt: string
    }
    MaskedRelatedPurchase: {
      type: null
      status: null
      counted: null
      receiptNumber: null
      location: null
      total: null
      id: string
      masked: true
      /** RFC 3339 in UTC, always with six decimals. */
      occurredAt: string
    }
    Merge: {
      /** For undoing it. */
      mergeId: string
      moved: components['schemas']['PurchaseCounts']
    }
    MergeHistory: {
      customerId: string
      /** Only where the id that was asked for was merged into `customerId`. */
      mergedFrom?: string
      data: {
        mergeId: string
        from: components['schemas']['NamedPerson']
        into: components['schemas']['NamedPerson']
        reason: string | null
        /** RFC 3339 in UTC, always with six decimals. */
        mergedAt: string
        /** Null: a service. */
        mergedBy: components['schemas']['NamedPerson'] | null
        /** Null: it holds, and can be undone. */
        undoneAt: string | null
      }[]
    }
    MergePreview: {
      moved: components['schemas']['PurchaseCounts']
      /** All that the merge would be refused for; empty: it would be done. */
      blockers: {
        /** Of the problem that the merge would be. */
        type: string
        /** The customer who is the reason. */
        culprit: string
        /** For people; never decide by it. */
        detail: string
      }[]
    }
    MergeRequest: {
      /** Whose purchases move; this id keeps resolving. */
      fromCustomerId: string
      /** Why, for whoever has to decide whether it was right. */
      reason?: string
    }
    MergeSuggestions: {
      customerId: string
      /** Only where the id that was asked for was merged into `customerId`. */
      mergedFrom?: string
      data: {
        id: string
        name: string | null
        externalRef: string | null
        matches: {
          on: 'phone' | 'email'
          /** Masked. */
          hint: string
        }[]
      }[]
      asOf: components['schemas']['AsOf']
    }
    MinorUnits: number
    Money: {
      amount: components['schemas']['MinorUnits']
      /** An ISO 4217 code. */
      currency: string
    }
    MonthlySpending: {
      /** On the clock of the location of each purchase; of UTC where that has none. */
      month: string
      /** An ISO 4217 code. */
      currency: string
      gross: components['schemas']['MinorUnits']
      refunded: components['schemas']['MinorUnits']
      net: components['schemas']['MinorUnits']
      orderCount: number
    }
    NamedPerson: {
      id: string
      name: string | null
    }
    Payment: {
      id: string
      method: string
      amount: components['schemas']['Money']
      reference: string | null
    }
    Problem: {
      type: string
      title: string
      status: number
      /** For people; never decide by it. */
      detail: string
      /** The first parameter that is wrong. */
      parameter?: string
      errors?: {
        parameter: string
        detail: string
      }[]
      /** The quotas that were used up. */
      violatedPolicies?: string[]
      /** Of this request; logs have it, too. */
      traceId?: string
    }
    Purchase: {
      id: string
      /** sale, return, exchange, layaway_completion; dine_in, takeaway, delivery. */
      type: string
      status: string
      /** Whether totals have it in them. */
      counted: boolean
      /** RFC 3339 in UTC, always with six decimals. */
      occurredAt: string
      receiptNumber: string | null
      location: components['schemas']['Location']
      total: components['schemas']['Money']
      kind: 'sale' | 'order'
      /** What a return or an exchange took back. */
      refunded: components['schemas']['Money']
      tip: components['schemas']['Money']
      discount: components['schemas']['Money']
      /** Its lines that are neither voided nor comped. */
      itemCount: number
      parentPurchaseId: string | null
      /** Of its `itemCount` lines the one of the largest amount, bought or returned; each name cut to 100 characters. Null: it has no such line. */
      topItem: {
        productName: string
        variantName: string | null
      } | null
    }
    PurchaseCounts: {
      sale: number
      order: number
    }
    PurchaseList: {
      customerId: string
      /** Only where the id that was asked for was merged into `customerId`. */
      mergedFrom?: string
      /** Only on an answer from the cache while the read store can't be reached. */
      stale?: true
      data: (components['schemas']['Purchase'] | components['schemas']['MaskedPurchase'])[]
      page: {
        /** The `cursor` of the next page; null at the end. */
        next: string | null
      }
      asOf: components['schemas']['AsOf']
    }
    PurchaseReceipt: {
      /** Whose it is, after all merges; null: a guest's. */
      customerId: string | null
      id: string
      /** sale, return, exchange, layaway_completion; dine_in, takeaway, delivery. */
      type: string
      status: string
      /** Whether totals have it in them. */
      counted: boolean
      /** RFC 3339 in UTC, always with six decimals. */
      occurredAt: string
      receiptNumber: string | null
      location: components['schemas']['Location']
      total: components['schemas']['Money']
      kind: 'sale' | 'order'
      /** What a return or an exchange took back. */
      refunded: components['schemas']['Money']
      tip: components['schemas']['Money']
      discount: components['schemas']['Money']
      /** Its lines that are neither voided nor comped. */
      itemCount: number
      parentPurchaseId: string | null
      employee: {
        id: string
        name: string | null
      } | null
      subtotal: components['schemas']['Money']
      tax: components['schemas']['Money']
      guestCount: number | null
      parent:
        | (
            | components['schemas']['RelatedPurchase']
            | components['schemas']['MaskedRelatedPurchase']
          )
        | null
      orderId: string | null
      settledBy: string[]
      returns: (
        | components['schemas']['RelatedPurchase']
        | components['schemas']['MaskedRelatedPurchase']
      )[]
      lines: components['schemas']['ReceiptLine'][]
      payments: components['schemas']['Payment'][]
      asOf: components['schemas']['AsOf']
    }
    PurchaseSearch: {
      data: components['schemas']['FoundPurchase'][]
      asOf: components['schemas']['AsOf']
    }
    PurchaseSummary: {
      customerId: string
      /** Only where the id that was asked for was merged into `customerId`. */
      mergedFrom?: string
      /** Only on an answer from the cache while the read store can't be reached. */
      stale?: true
      totals: components['schemas']['Totals'][]
      asOf: components['schemas']['AsOf']
    }
    PurgeList: {
      data: {
        customerId: string
        /** RFC 3339 in UTC, always with six decimals. */
        erasedAt: string
      }[]
      /** Send it as `after` next time. */
      next: string
      /** Whether there is more behind `next` at once. */
      more: boolean
    }
    Readiness: {
      status: 'ready' | 'not-ready'
      checks: {
        store: 'ok' | 'unreachable'
        schema: 'ok' | 'missing' | 'unknown'
        /** `live`; `not-started` before the first copy; `unknown` when it can not be read. */
        projection: string
      }
      detail?: string
      asOf?: components['schemas']['AsOf']
    }
    Receipt: {
      customerId: string
      /** Only where the id that was asked for was merged into `customerId`. */
      mergedFrom?: string
      /** Only on an answer from the cache while the read store can't be reached. */
      stale?: true
      id: string
      /** sale, return, exchange, layaway_completion; dine_in, takeaway, delivery. */
      type: string
      status: string
      /** Whether totals have it in them. */
      counted: boolean
      /** RFC 3339 in UTC, always with six decimals. */
      occurredAt: string
      receiptNumber: string | null
      location: components['schemas']['Location']
      total: components['schemas']['Money']
      kind: 'sale' | 'order'
      /** What a return or an exchange took back. */
      refunded: components['schemas']['Money']
      tip: components['schemas']['Money']
      discount: components['schemas']['Money']
      /** Its lines that are neither voided nor comped. */
      itemCount: number
      parentPurchaseId: string | null
      employee: {
        id: string
        name: string | null
      } | null
      subtotal: components['schemas']['Money']
      tax: components['schemas']['Money']
      guestCount: number | null
      parent:
        | (
            | components['schemas']['RelatedPurchase']
            | components['schemas']['MaskedRelatedPurchase']
          )
        | null
      orderId: string | null
      settledBy: string[]
      returns: (
        | components['schemas']['RelatedPurchase']
        | components['schemas']['MaskedRelatedPurchase']
      )[]
      lines: components['schemas']['ReceiptLine'][]
      payments: components['schemas']['Payment'][]
      asOf: components['schemas']['AsOf']
    }
    ReceiptLine: {
      id: string
      lineNo: number
      productId: string | null
      variantId: string | null
      productName: string
      variantName: string | null
      sku: string | null
      size: string | null
      color: string | null
      categoryName: string | null
      /** At most three decimals. */
      qty: number
      unitPrice: components['schemas']['Money']
      discount: components['schemas']['Money']
      tax: components['schemas']['Money']
      total: components['schemas']['Money']
      promotionRef: string | null
      bundleRef: string | null
      parentLineId: string | null
      seatNo: number | null
      voided: boolean
      comped: boolean
      /** Whether its total is part of the purchase's total. */
      counted: boolean
      /** How much of it can still be returned; null where nothing ever could. */
      remainingQty: number | null
    }
    RelatedPurchase: {
      id: string
      /** sale, return, exchange, layaway_completion; dine_in, takeaway, delivery. */
      type: string
      status: string
      /** Whether totals have it in them. */
      counted: boolean
      /** RFC 3339 in UTC, always with six decimals. */
      occurredAt: string
      receiptNumber: string | null
      location: components['schemas']['Location']
      total: components['schemas']['Money']
    }
    Return: {
      /** Of the return; null of a dry run. */
      purchaseId: string | null
      receiptNumber: string | null
      /** Whose the sale is now, and so the return; null: a guest's. */
      customerId: string | null
      refund: components['schemas']['Money']
      /** What is given back by which way; the return holds it as negative. */
      payments: {
        method: string
        reference: string | null
        amount: components['schemas']['Money']
      }[]
      /** Every line of the sale that can, or could, come back. */
      lines: {
        lineId: string
        /** What comes back now. */
        qty: number
        refund: components['schemas']['Money']
        /** What can come back later. */
        remainingQty: number
      }[]
    }
    ReturnRequest: {
      /** Where it is taken back: one of the token's own. */
      locationId: string
      lines: {
        lineId: string
        qty: number
      }[]
      reason: 'unwanted' | 'wrong_size' | 'wrong_item' | 'defective' | 'not_as_described' | 'other'
      /** `original`: to what the sale was paid with, in proportion to what is left of each. */
      refund: 'cash' | 'original'
      /** What the customer was told. Another refund is refused. */
      expectedRefund?: {
        amount: number | string
        currency: string
      }
    }
    Spending: {
      customerId: string
      /** Only where the id that was asked for was merged into `customerId`. */
      mergedFrom?: string
      /** Only on an answer from the cache while the read store can't be reached. */
      stale?: true
      months: components['schemas']['MonthlySpending'][]
      asOf: components['schemas']['AsOf']
    }
    Totals: {
      /** An ISO 4217 code. */
      currency: string
      gross: components['schemas']['MinorUnits']
      refunded: components['schemas']['MinorUnits']
      net: components['schemas']['MinorUnits']
      orderCount: number
      returnCount: number
      exchangeCount: number
      averageTicket: components['schemas']['MinorUnits'] | null
      firstPurchaseAt: string | null
      lastPurchaseAt: string | null
      daysBetweenPurchases: number | null
    }
    Unmerge: {
      fromCustomerId: string
      survivorId: string
      movedBack: components['schemas']['PurchaseCounts']
    }
    VisibleLocation: {
      id: string
      name: string
      region: string
      /** An IANA name. */
      timezone: string
      kind: 'retail' | 'restaurant'
    }
  }
}

/** Every `type` of a problem. */
export type ProblemType =
  | 'urn:purchase-timeline:problem:actor-unknown'
  | 'urn:purchase-timeline:problem:already-merged'
  | 'urn:purchase-timeline:problem:already-undone'
  | 'urn:purchase-timeline:problem:auth-unavailable'
  | 'urn:purchase-timeline:problem:blocked'
  | 'urn:purchase-timeline:problem:body-too-large'
  | 'urn:purchase-timeline:problem:changes-not-offered'
  | 'urn:purchase-timeline:problem:customer-erased'
  | 'urn:purchase-timeline:problem:customer-not-found'
  | 'urn:purchase-timeline:problem:erased'
  | 'urn:purchase-timeline:problem:headers-too-large'
  | 'urn:purchase-timeline:problem:idempotency-in-progress'
  | 'urn:purchase-timeline:problem:idempotency-key-reused'
  | 'urn:purchase-timeline:problem:internal'
  | 'urn:purchase-timeline:problem:into-itself'
  | 'urn:purchase-timeline:problem:invalid-cursor'
  | 'urn:purchase-timeline:problem:invalid-parameter'
  | 'urn:purchase-timeline:problem:invalid-token'
  | 'urn:purchase-timeline:problem:line-not-found'
  | 'urn:purchase-timeline:problem:location-not-found'
  | 'urn:purchase-timeline:problem:merge-not-found'
  | 'urn:purchase-timeline:problem:more-than-remains'
  | 'urn:purchase-timeline:problem:not-found'
  | 'urn:purchase-timeline:problem:not-permitted'
  | 'urn:purchase-timeline:problem:not-returnable'
  | 'urn:purchase-timeline:problem:not-set-up'
  | 'urn:purchase-timeline:problem:not-yet-consistent'
  | 'urn:purchase-timeline:problem:others-merged'
  | 'urn:purchase-timeline:problem:purchase-not-found'
  | 'urn:purchase-timeline:problem:read-model-building'
  | 'urn:purchase-timeline:problem:refund-changed'
  | 'urn:purchase-timeline:problem:refund-out-of-range'
  | 'urn:purchase-timeline:problem:source-busy'
  | 'urn:purchase-timeline:problem:source-unavailable'
  | 'urn:purchase-timeline:problem:store-unavailable'
  | 'urn:purchase-timeline:problem:stronger-evidence'
  | 'urn:purchase-timeline:problem:target-merged'
  | 'urn:purchase-timeline:problem:tender-exhausted'
  | 'urn:purchase-timeline:problem:too-many-requests'
  | 'urn:purchase-timeline:problem:unsupported-media-type'
  | 'urn:purchase-timeline:problem:uri-too-long'
