"""What each operation does, in Chinese; the English stands with its route.

An operation without a sentence here is shown with the English one.
"""

from __future__ import annotations

_NEXT = (
    "制作证照的下一版本；原证须在有效状态。新证生效之时原证终止：立即，"
    "或在 effective、valid_from 所定之日，此前新证未生效。"
    "同键同内容重发，答复 200 并带 Idempotent-Replayed: true。"
)
_RECORD = "自答复之时起，本地区各节点均如此告知。同键同内容重发不再改变什么，只得到同一答复。"

SENTENCES: dict[str, str] = {
    "give_token": (
        "发给客户端全部权限的令牌。凭证放在 Authorization 头或表单中；申请未获授予的权限会被拒绝。"
    ),
    "make_presentation": "为本人和所代表主体的证照生成一次性亮证码。",
    "list_presentations": "最近一百次亮证：待扫码的，以及被谁扫过的。",
    "show_presentation": "亮证码是待扫、已扫（由谁）、过期还是已撤回。",
    "presentation_picture": "待扫期间取得二维码图片。",
    "withdraw_presentation": "在被扫之前撤回；重复撤回答复相同。",
    "resolve_presentation": (
        "扫码一次即用尽：返回持证主体同意出示的内容和签名回执。同键同码同用途重发，答复相同。"
    ),
    "presentation_receipt": "扫码时所签的回执，一字节不差。",
    "presented_file": "持证主体同意整证出示的，扫码后一日内可下载文件。",
    "give_device_token": "设备凭证换取令牌；到期或设备被吊销即失效。",
    "device_handle": "设备读到证件后换取持证主体句柄，15 分钟有效。",
    "kiosk_licenses": "事项所需类型的最新证照，以及缺哪些类型。",
    "kiosk_license": "一份证照及其照面文字。",
    "kiosk_file": "事项所需证照的已签章文件。",
    "make_copy": (
        "由有效证照制作加注件：带水印，限一个使用单位、一个用途、到期失效。不盖机关印章，"
        "核验只称“有效的加注件”。"
    ),
    "list_copies": "加注件列表：供谁、办何事、到何时，新的在前。",
    "copy_file": "加注件 PDF，与制成时一字节不差。",
    "issue": (
        "制证、签章、入库；答复之时证照已生效。首次 201；同键同内容重发 200，带 Idempotent-Rep"
        "layed: true。"
    ),
    "list_licenses": "证照列表，新的在前。带 as_of 时，只列当时已记载的，并按当时所知的状态。",
    "show": (
        "本机关及下级的证照，或获授权可看的证照。带 as_of 时说明当时的状态、当时已知的事实、"
        "分项和条件。"
    ),
    "file": "已签章文件，送出首字节前先核对摘要。形式依 ?form=，否则依 Accept，再否则为 PDF。",
    "license_manifest": "该证照各形式文件的清单，由证照库签名。",
    "license_proof": "存在证明：与文件一同保存，一同核验。",
    "transfer_in": "为他处转出的证照制发本机关的证照。类型与持证主体相同；本证生效之时前证终止。",
    "history": "每一事件：何人、何依据、何时记载、何时起算。",
    "change": f"变更：{_NEXT}",
    "renewal": f"延续：{_NEXT}",
    "reissue": f"补证：{_NEXT}",
    "revalidation": f"校验：{_NEXT}",
    "correction": f"更正：{_NEXT}",
    "suspension": f"暂扣有效的证照。{_RECORD}",
    "resumption": f"发还被暂扣的证照，恢复有效。{_RECORD}",
    "transfer_out": f"将有效的证照转出。{_RECORD}",
    "transfer_out_withdrawal": f"取消转出，恢复有效。{_RECORD}",
    "rescission": f"撤销：自始不应准予的。{_RECORD}",
    "revocation": f"吊销：作为处罚。{_RECORD}",
    "cancellation": f"注销：证照终止，也可在吊销、撤销、到期之后办理。{_RECORD}",
    "renewal_application": f"登记延续申请：到期后标明“延续审批中”。{_RECORD}",
    "renewal_refusal": f"登记不予延续。{_RECORD}",
    "preview_order": (
        "签字之前先核对：该指令会被拒绝的，此处即告知同一理由；要制发新版本的，画出新版本照面并满幅标"
        "注“预览”。不记载、不用印、不占用标识；照面载明证照内容，故须带用途，并记入持证人的用证记录。"
    ),
    "bring_evidence": "原样加密保存一份佐证材料；不查看其名称与内容。",
    "show_evidence": "佐证材料的登记信息；文件随其证照。",
    "license_evidence": "证照据以制发的材料，按申请中的次序。",
    "evidence_file": "原样返回材料文件，先核对摘要。",
    "issue_package": "一件事的全部证照一次制成：答复之时全部生效，或一份也没有。",
    "show_package": "本机关或下级提出的一件事。",
    "revalidate_set": (
        "对一份证照的全部副本作一次校验，全部成功或全部不做。正本不变，除非另定有效期。"
    ),
    "list_conditions": "附条件及履行情况；带 as_of 时按当时。",
    "fulfil_condition": "登记条件已履行；因未履行而暂扣的恢复有效。",
    "list_parts": "综合证照的分项与状态。",
    "change_part": "由该分项自己的机关办理；只要还有一个分项有效，证照就有效。",
    "send_rows": "收下各行成为一个作业；同样的行再来，仍是同一作业。",
    "list_jobs": "作业列表，新的在前。",
    "show_job": "作业进度；计数时刻准确。",
    "job_errors": "被拒的行（NDJSON）：行号、代码、原因与原文。",
    "job_rows": "已办成的行（NDJSON）及其证照标识。",
    "job_events": "作业每有变化即推送，直至结束或暂停。",
    "pause_job": "暂停；已办成的不变。",
    "resume_job": "从暂停处继续；没有一行办两次。",
    "me": "令牌所指的人或机构的句柄。",
    "list_vault": (
        "证照夹中的证照，新的在前。本人看自己的，带 Acting-For 看所代理的；程序与工作人员只看本"
        "机关及下级所发的。"
    ),
    "show_in_vault": "证照夹中一份证照的现状；带 as_of 时还有当时的状态与所知。",
    "versions_in_vault": "该证照的全部版本，新的在前。",
    "vault_file": "证照夹中的已签章文件。持证主体或其代理人首次下载即为送达回执。",
    "vault_picture": "照面第一页的图片，只供查看，不能作为证明，也不是送达回执。",
    "vault_manifest": "证照夹中一份证照的文件清单，由证照库签名。",
    "vault_proof": "存在证明，与文件一同保存。",
    "journal": "用证记录，新的在前；持证主体与其代表可看。每条含上一条的摘要，事后可知无一被删。",
    "reminders": "六十日内到期的证照。",
    "give_mandate": "由持证主体或登记的代表授权他人代办。",
    "list_mandates": "全部授权与代表登记，含已终止的。",
    "record_representation": "登记机构的法定代表人；由制发其证照的系统办理。",
    "my_mandates": "本人现在可代理谁。",
    "revoke_mandate": "立即收回授权；代表登记由有权登记者收回。重复收回答复相同。",
    "trade_for_handle": (
        "每次给一个新句柄，15 分钟有效，本身不能打开什么。未发过证的号码与姓名不符的，答复相同。"
    ),
    "record_delivery": "登记何时、如何、向谁送达。",
    "list_deliveries": "送达记录，含持证主体的回执。",
    "deliveries_in_vault": "证照夹中一份证照的送达记录。",
    "conditions_in_vault": "附条件、期限与履行情况。",
    "parts_in_vault": "分项及其状态，现在的或当时的。",
    "evidence_in_vault": "佐证材料，按申请中的次序。",
    "evidence_file_in_vault": "原样返回材料文件，先核对摘要。",
    "print_by_authority": "为机关或窗口打印的有效证照编号登记。",
    "list_prints": "该版本的全部打印件，含已作废的。",
    "print_by_holder": "为持证主体或其代理人的打印件编号登记。",
    "show_print": "告诉持有纸张的人它是否仍然算数；无须登录，不透露姓名。",
    "print_picture": "打印件地址的二维码。",
    "file_dispute": "提出异议：得到编号与答复期限，证照自此标明“异议中”。",
    "disputes_of_holder": "持证主体的异议及答复。",
    "open_disputes": "本机关及下级待答复的异议。",
    "show_dispute": "异议详情；持证主体与该机关人员可看。",
    "answer_dispute": (
        "答复一次；最后一件异议答复后去掉“异议中”。异议成立本身不改证照，须另行更正或变更。"
    ),
    "take_in_license": "把本人的有效外地证照收入证照夹；同样内容再来答复相同。句柄可写 me。",
    "list_partner_licenses": "伙伴地区证照，新的在前，每份此刻重新核验。",
    "partner_license_file": "收入时的原文件，一字节不差。",
    "list_seals": "印章列表，按编码；持证主体只看自己的。",
    "show_seal": "印章的状态、证书、印章数据与授权范围。",
    "seal_data": "制章人所签的印章数据：GB/T 38540 的 SESeal，DER。",
    "seal_applications": "印章的申请与重新制作，旧的在前，各附依据与决定；不向持证主体指名人员。",
    "seal_acts": "印章的审计记录，旧的在前；仅审计员可看。",
    "apply_for_seal": "申请印章：管理员为机构或持证主体申请，持证主体为自己申请。",
    "approve_seal": "批准申请；申请人自己不能批准。",
    "reject_seal": "不予批准；可以再申请。",
    "make_seal": "用证书制作印章；重新制作的，不由下令者制作。",
    "file_seal": "登记备案号，自此启用。",
    "suspend_seal": "停用印章，直至恢复。",
    "resume_seal": "恢复被停用的印章。",
    "remake_seal": "要求重新制作；在由另一人制成并备案之前不能用印。",
    "cancel_seal": "凭注销编号注销印章。",
    "grant_seal": "授权该印章用于某机关某类型的证照，或一般文件。",
    "withdraw_grant": "收回授权；本不算数的，收回不改变什么。",
    "give_consent": "同意本人印章在一份文件上用一次，数分钟内有效。",
    "set_seal": "返回盖好章的文件；结果不保存，请求键随即用尽。",
    "list_items": "全部事项及其所需证照，按编码。",
    "show_item": "事项现行的定义。",
    "put_item": (
        "使该定义自此适用于新办件；在办的办件仍用原定义。再次提交相同内容不改变什么，几人审批不"
        "因此改变。"
    ),
    "open_case": "按事项现行定义受理办件。",
    "list_cases": "本机关及下级的办件，新的在前。",
    "show_case": "办件及其决定、证照。",
    "decide_case": "作出准予或不予决定，仅一次，须附事项要求的签名。",
    "issue_for_case": "为准予的办件制证，与 POST /v1/licenses 相同；办件编号与事项须一致。",
    "close_case": "办结已决定的办件；准予的须证照齐备。",
    "issue_package_for_case": "为准予的办件成组制证，全部或全无；各证的事项与签名属各自机关。",
    "packages_of_case": "办件中一次申请并已制出证照的一件事。",
    "license_outlook": "某机关的某类证照将用哪些印章、哪些人员可以签字。",
    "bring_document": "核验材料并连同结论加密保存；无效的也保存。",
    "list_documents": "办件材料，按提交次序。",
    "show_document": "提交时的核验报告全文。",
    "document_file": "原样返回材料，先核对摘要。",
    "bring_sealed_form": "收下本节点用持证主体自己的印章盖过的本办件表单。",
    "filled_form": (
        "由证照预填的表单；每个值注明来自哪份证照、哪一版本及核验结论，并记入用证记录。"
    ),
    "form_sheet": (
        "生成未盖章的表单 PDF 或 OFD，由办件保存。持证主体同意其 SM3 后在 Seal-Place 处用印，"
        "再交回 /form/sealed。"
    ),
    "list_stale": "来源已变化的证照，以及建议的变更。",
    "list_types": "证照类型，按编码，各为最新可用版本。",
    "show_type": "证照类型的字段、格式与来源。",
    "ask_for_access": "为某事项、某用途申请使用某类证照。",
    "list_requests": "本机关及下级申请的或应审核的，新的在前。",
    "show_request": "申请及其结果。",
    "grant_access": "同意授权至某日；由类型所属机关的人员办理，申请人不能自批。",
    "refuse_access": "不同意授权；由类型所属机关的人员办理。",
    "revoke_access": "收回授权；下一次使用即被拒绝。",
    "subscribe": "订阅本机关及下级证照的事件。地址须在公网上，每次投递都重新查证。",
    "list_webhooks": "本机关的订阅。",
    "show_webhook": "一项订阅的详情。",
    "list_webhook_deliveries": "投递记录，新的在前。",
    "replay_webhook": "以原 webhook-id 重新投递已结束的。",
    "activate_webhook": "恢复因对方答复 410 而停的订阅，并补投。",
    "remove_webhook": "不再投递；已投递的记录保留。",
    "directory_figures": "本机关及下级的归集率、合格率与签发率。",
    "list_refused": "上级目录退回的证照，旧的在前。",
    "resend_report": "移出问题清单，按现状重新归集。",
    "verify": (
        "核验上传的文件，或在库的证照（号码加查验码）。无须登录；有令牌的，回执写明其机构。"
        "带 License-Use 时号码可以是伙伴地区的。"
    ),
    "verification_receipt": "凭随机编号取回核验回执，一字节不差。",
    "receipt_sheet": "凭随机编号取得核验回执的阅读页（PDF），签名原件附在其中。",
    "verify_batch": "逐份给出结论，最多 50 份，合计不超过一次上传的大小。",
    "sharing_catalogue": "签名的共享目录：哪些类型、字段可用于哪些用途。",
    "sharing_use_list": "签名的用证清单：哪个事项认哪些类型、地区和字段。",
    "sharing_maps": "签名的对照表：伙伴地区的类型代码、字段与本地区的对应。",
    "sharing_coverage": "每个事项与类型是否列入，哪些地区共享。",
    "published_schema": "一份 JSON 模式，如 verification-receipt-1.json。",
    "trust_bundle": (
        "锚、CA、撤销列表、机关与印章、状态列表。存为 trust-bundle.json 即可离线核验：license-"
        "vault verify --trust trust-bundle.json 文件。"
    ),
    "status_index": "每份状态列表及其最新序号。先问这里，再取序号增长了的列表的变更。",
    "status_list": "签名的有效位（DER），每证一位，即此刻的状态。",
    "status_reasons": (
        "签名的第二份文件（DER）：不在有效状态的原因与标注。须与同一序号的有效位配用。"
    ),
    "status_changes": "自某序号至最新的签名变更（DER），一份文件。",
    "newest_checkpoint": "日志的大小与根，已签名，并附伙伴地区的见证签名。",
    "checkpoint_of_size": "日志首次达到该条数时的检查点。",
    "tile": "至多 256 个 SM3 摘要，每个 32 字节；层为 0、8、16、24。满块永不改变。",
    "proof": "某内容标识的存在证明，与文件一同保存；不透露其他内容。",
    "countersign": "保存伙伴地区对本日志检查点的签名（DER），须由其信任名单所列密钥所签。",
    "trust_list": "签名的信任名单（DER）：本地区的，或经两人核准的伙伴地区的。",
    "trust_list_of": "某一序号的已认可名单（DER），永久保存。",
    "trust_root": "签名的根（DER）。逐版跟随：每版由上一版签名。",
    "trust_sightings": (
        "本节点见过的每份名单的地区、序号与 SM3，已签名。同一序号有两个摘要，即为分叉。"
    ),
    "revocation_lists": "各 CA 最新的撤销列表，合为一个 DER 序列。",
    "approve_trust_list": (
        "安全管理员一人的核准；第二人核准后生效。录入正式函件上的指纹；录错即拒绝并报警。"
    ),
    "trust_regions": "每个地区名单的序号、已过与剩余时间、最近核准人。",
    "trust_region": (
        "核准名单或了结分叉之前要看的：差异、历史、见证与拒绝。待核准名单的指纹不在其中。"
    ),
    "daily_figures": (
        "本机关及下级机关逐日的计数：多少之中的多少。亮证量与巡检为全库。无可计数时比率为空。"
    ),
    "figures_now": (
        "值班人员首先要看的：巡检、最旧的名单、未送达、未归集。只有计数与时间，不涉及任何证照。"
    ),
    "partners": "每个伙伴地区的信任名单、状态列表与拉取情况。",
    "show_qr_keys": (
        "本地区及伙伴地区签二维码的公钥。key_id 为证书 SM3 的前 8 字节，公钥为 04||x||y，"
        "均为十六进制。"
    ),
    "answer_partner": (
        "以签名答复回应伙伴地区的签名请求，双方留存。凭证就是签名：须由其信任名单所列的库密钥所签。"
    ),
    "ask_partner": (
        "为某用途向伙伴地区查询，返回其签名答复的内容。同键同内容重发：未获答复的再问，已答复的"
        "返回所存。"
    ),
    "list_exchanges": "本机关向伙伴地区的查询，新的在前。",
    "show_exchange": "一次查询的情况与双方摘要。",
    "exchange_message": "最近的签名请求或签名答复，一字节不差。",
    "raise_partner_dispute": "提出并保存异议，签名发往该地区；对方在线则即时送达。",
    "list_partner_disputes": "本人的，或本机关提出的跨地区异议。",
    "show_partner_dispute": "异议的编号、期限与对方答复。",
    "alive": "进程在运行即答复。",
    "ready": "询问数据库、存储与密钥是否就绪。",
}
