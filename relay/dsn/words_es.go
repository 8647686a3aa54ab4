package dsn

var spanish = words{
	subject: map[Action]string{Failed: "No entregado: %s", Delayed: "Retrasado: %s", Delivered: "Entregado: %s", Relayed: "Reenviado: %s"},

	untitled:     "su mensaje",
	automatic:    "Este es un mensaje automático del servidor de correo %s sobre un mensaje que usted envió:",
	subjectLabel: "Asunto:",
	arrived:      "Recibido aquí:",

	happened: map[Action]string{
		Failed:    "No se pudo entregar a los siguientes destinatarios y no se volverá a intentar:",
		Expired:   "No se pudo entregar a los siguientes destinatarios en el plazo previsto y no se volverá a intentar:",
		Delayed:   "Todavía no se ha entregado a los siguientes destinatarios:",
		Delivered: "Se entregó a los sistemas de correo de los siguientes destinatarios. No se sabe si lo han leído:",
		Relayed: "Para los siguientes destinatarios, se reenvió a un servidor de correo que no confirma la entrega. " +
			"Solo recibirá otro aviso si no se puede entregar:",
	},
	until:   "El servidor de correo lo seguirá intentando hasta esta fecha: %s. No es necesario que vuelva a enviar el mensaje.",
	replied: "Respuesta del servidor de correo %s:",
	reason:  "Motivo:",
	by:      "Aceptado por el servidor de correo %s.",
	meaning: [...]string{
		noAddress:   "La dirección no existe allí. Compruebe cómo está escrita.",
		noDomain:    "La parte de la dirección después de la @ no existe o no acepta correo. Compruebe cómo está escrita.",
		mailboxFull: "El buzón del destinatario está lleno.",
		tooLarge:    "El mensaje es demasiado grande para el destinatario. Envíelo sin archivos adjuntos o en partes.",
		noContent:   "El sistema de correo del destinatario no puede procesar el contenido del mensaje.",
		notAllowed:  "El sistema de correo del destinatario no permite este mensaje. Su administrador puede decir por qué.",
		unreachable: "No se pudo contactar con el sistema de correo del destinatario.",
	},

	oneDate: "Se trata solo de esta fecha de una reunión periódica; las demás fechas no se ven afectadas.",
	unknown: byKind(
		"El mensaje se refiere a una reunión. Los destinatarios anteriores no lo han recibido; es posible que sus calendarios no estén actualizados.",
		"El mensaje es una invitación a una reunión. Los destinatarios anteriores no la han recibido y no saben nada de la reunión.",
		"El mensaje cambia una reunión. Los destinatarios anteriores no saben nada del cambio; sus calendarios siguen mostrando la reunión como era antes.",
		"El mensaje cancela una reunión. Los destinatarios anteriores no saben que se ha cancelado; sus calendarios siguen mostrándola y es posible que acudan.",
		"El mensaje es su respuesta a una invitación. El organizador no la ha recibido y es posible que siga esperándola.",
		"El mensaje propone otra hora para una reunión. El organizador no ha recibido la propuesta."),
	act: byKind(
		"Avíseles de otra manera, por ejemplo por teléfono.",
		"Invíteles de otra manera, por ejemplo por teléfono, o vuelva a enviar la invitación cuando se haya resuelto la causa.",
		"Avíseles de otra manera, por ejemplo por teléfono, o vuelva a enviar la actualización cuando se haya resuelto la causa.",
		"Avíseles de otra manera, por ejemplo por teléfono, o vuelva a enviar la cancelación cuando se haya resuelto la causa.",
		"Responda de otra manera, por ejemplo por teléfono.",
		"Haga la propuesta de otra manera, por ejemplo por teléfono."),
	unknownYet: byKind(
		"El mensaje se refiere a una reunión. Los destinatarios anteriores todavía no lo han recibido.",
		"El mensaje es una invitación a una reunión. Los destinatarios anteriores todavía no saben nada de la reunión.",
		"El mensaje cambia una reunión. Los destinatarios anteriores todavía no saben nada del cambio; sus calendarios siguen mostrando la reunión como era antes.",
		"El mensaje cancela una reunión. Los destinatarios anteriores todavía no saben que se ha cancelado; sus calendarios siguen mostrándola.",
		"El mensaje es su respuesta a una invitación. El organizador todavía no la ha recibido.",
		"El mensaje propone otra hora para una reunión. El organizador todavía no ha recibido la propuesta."),
	wait:   "Por ahora no tiene que hacer nada: se le avisará si la entrega fracasa.",
	near:   "Es posible que la reunión comience antes de que llegue el mensaje. Avíseles de otra manera, por ejemplo por teléfono.",
	ifSoon: "Si la reunión comienza pronto, avíseles de otra manera, por ejemplo por teléfono. De lo contrario, por ahora no tiene que hacer nada.",

	full:   "Se adjunta su mensaje.",
	header: "Se adjunta el encabezado de su mensaje.",
}
