/** Guidance for people at the window, read large or printed. Fees and hours differ by place: each says so. [Chinese, English], a line a step. */
export const guideText = {
  'guide.lost_id': ['身份证丢失补领', 'Lost identity card'],
  'guide.residence': ['居住证办理', 'Residence permit'],
  'guide.accident': ['交通事故快速处理', 'Quick handling of an accident'],
  'guide.fraud': ['防范电信诈骗', 'Telephone and online fraud'],
  'guideSteps.lost_id': [
    '尽快申报丢失：到任一派出所或办证大厅，或在当地公安政务服务平台申报。\n本人到就近的身份证受理点（可异地）申请补领。\n带上户口簿或居住证；现场采集人像和指纹。\n补领工本费 40 元；急用可申领临时身份证（10 元，有效期三个月）。\n一般 60 日内领证；是否邮寄、能否加快，以当地公布为准。\n发现他人冒用，立即拨打 110。',
    'Report the loss soon: at any police station or service hall, or on the local police service platform.\nApply in person at the nearest identity-card desk; it need not be in your home district.\nBring the household register or a residence permit; your picture and fingerprints are taken there.\nThe replacement costs 40 yuan; in urgent cases ask for a temporary card (10 yuan, valid three months).\nIt is ready within 60 days as a rule; whether it is sent or can be quicker is for the local office to say.\nIf somebody uses your card, call 110 at once.',
  ],
  'guideSteps.residence': [
    '在本地居住半年以上，并有合法稳定就业、合法稳定住所或连续就读之一，可以申领。\n带上本人身份证、近期照片。\n带上住所证明（租房合同、房产证或单位住宿证明）。\n带上就业或就读证明（劳动合同、营业执照或学生证）。\n到居住地派出所或受社区委托的窗口申请；材料齐全的，15 日内发证。\n每年签注一次，须在期满前一个月内办理；首次申领不收费。',
    'You may apply after half a year here, with steady lawful work, steady lawful housing, or continuous schooling.\nBring your identity card and a recent photograph.\nBring proof of where you live: a lease, a deed, or a letter of your employer.\nBring proof of work or school: a contract, a business licence, or a student card.\nApply at the police station of your quarter or the desk that it has authorised; with all papers the permit comes within 15 days.\nIt is endorsed every year, within the last month before it ends; the first one is free.',
  ],
  'guideSteps.accident': [
    '先看有没有人受伤：有人受伤立即拨打 120 和 110，不要移动车辆。\n开启双闪，车后 50 至 100 米（高速公路 150 米）放警示牌，人员撤到路边安全处。\n无人受伤、车辆能动：拍下全景、碰撞部位、车牌和路面标线。\n拍照后把车移到不妨碍交通的地方。\n双方互看证件，填写快处协议，或用交管手机应用在线快处；通知保险公司。\n对方无证、酒驾、无牌、逃逸，或对事实有争议：报警，等民警处理。',
    'First see whether anybody is hurt: if so, call 120 and 110 at once and do not move the cars.\nHazard lights on; put the triangle 50 to 100 metres behind (150 on a motorway), and everybody off the road.\nNobody hurt and the cars can move: take pictures of the whole scene, the damage, the plates and the road markings.\nThen move the cars where they block nobody.\nShow each other your papers, fill in the quick-settlement form or use the traffic police app, and tell your insurers.\nNo licence, drink, no plate, somebody left, or you disagree: call the police and wait for them.',
  ],
  'guideSteps.fraud': [
    '公检法不会通过电话办案，没有“安全账户”，不会要求转账。\n刷单返利、代办贷款先交费、网络投资“导师”、冒充客服退款，都是常见骗局。\n不要点陌生链接，不要共享屏幕，不要告诉任何人验证码。\n接到 96110 的电话请立即接听，这是反诈预警专线。\n已经转账：马上拨打 110，说出收款账户和时间，越早越可能止付。\n保留聊天记录、转账截图和对方号码，到派出所报案。',
    'No police, prosecutor or court works by telephone; there is no safe account, and none asks you to transfer money.\nPay for clicks, loan fees in advance, investment mentors, refunds by a caller: these are the common tricks.\nOpen no strange link, share no screen, tell nobody a code.\nIf 96110 calls, answer: it is the fraud warning line.\nIf you have paid: call 110 at once with the account and the time; the sooner, the better the chance to stop it.\nKeep the chat, the transfer slips and the number, and report it at a police station.',
  ],
  'guide.note': ['以当地公安机关公布为准', 'What the local police publish prevails'],
} as const
