/** Units that are to be none any more. */
export const decommissionText = {
  'aunit.decommission': ['注销', 'Decommission'],
  'aunit.decommissionOf': ['注销 {unit}', 'Decommission {unit}'],
  'aunit.decommissionHint': [
    '须由另一人批准。车载主机先上报未送达的数据，然后销毁密钥、数据和身份，不能恢复；完成后自动撤销。',
    'Another person must approve. The box tells what it has not told, then destroys its keys, data and identity: nothing brings them back. It is revoked when that is done.',
  ],
  'decommission.title': ['注销车载主机', 'Units to be decommissioned'],
  'decommission.none': ['没有待注销的车载主机。', 'None is to be decommissioned.'],
  'decommission.proposed': ['注销待另一人批准（见“策略”页）', 'To be decommissioned: waits for another person’s approval (Policies)'],
  'decommission.waiting': ['已下令注销，尚未送达', 'Ordered to be none any more: not there yet'],
  'decommission.stored': ['正在注销', 'Being decommissioned'],
  'decommission.refused': ['车辆拒绝注销', 'The car refused to be decommissioned'],
  'decommission.duplicate': ['正在注销', 'Being decommissioned'],
  'decommission.expired': ['注销命令已过期', 'The order has expired'],
  'error.not_enrolled': ['没有主机以这辆车的身份入网', 'No box is enrolled as this unit'],
  'error.already_proposed': ['已有一份待批准的提案', 'One waits for approval already'],
} as const
