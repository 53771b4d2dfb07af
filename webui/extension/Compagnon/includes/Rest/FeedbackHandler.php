<?php

namespace MediaWiki\Extension\Compagnon\Rest;

use MediaWiki\Extension\Compagnon\ServiceAwayException;
use MediaWiki\Extension\Compagnon\ServiceClient;
use MediaWiki\Extension\Compagnon\VisiblePages;
use MediaWiki\Rest\Response;

/**
 * POST /compagnon/v0/feedback: what a member says of a suggestion. Needs the member's CSRF token in "token".
 *
 * 200 with {"kept": true}, or false when it was not offered, the page has changed, or the service is away or busy: there
 * is nothing that the member could do about it, and a browser's console would fill with errors. 400 and 413 for a
 * request that is no request, 403 for who may not edit the page or has no token, 404 when there is no such page, 429
 * when they have said too much in a minute.
 */
class FeedbackHandler extends ServiceHandler {

	private const MOST_BYTES = 10000;
	private const IN_VAIN = [ 409, 503 ];
	private const VERDICTS = [ 'accepted', 'rejected' ];
	private const REASONS = [ null, 'everyday', 'target', 'span', 'other' ];

	/** @var VisiblePages */
	private $pages;

	/**
	 * @param ServiceClient $client
	 * @param VisiblePages $pages
	 */
	public function __construct( ServiceClient $client, VisiblePages $pages ) {
		parent::__construct( $client );
		$this->pages = $pages;
	}

	/** @inheritDoc */
	public function execute(): Response {
		if ( $this->isTooLarge( self::MOST_BYTES ) ) {
			return $this->refuse( 413 );
		}
		$body = $this->readObject( self::MOST_BYTES );
		$feedback = $body === null ? null : $this->feedback( $body );
		if ( $body === null || $feedback === null ) {
			return $this->refuse( 400 );
		}
		$editor = $this->getAuthority();
		if ( !$editor->isNamed() || !$this->isMeant( $body['token'] ?? null ) ) {
			return $this->refuse( 403 );
		}
		$title = $this->pages->one( $feedback['pageid'], $editor );
		// What the editor may not see was never offered to them.
		if ( $title === null || $this->pages->one( $feedback['target_pageid'], $editor ) === null ) {
			return $this->refuse( 404 );
		}
		if ( !$editor->definitelyCan( 'edit', $title ) ) {
			return $this->refuse( 403 );
		}
		if ( !$this->isPossible( $title, $feedback['revid'] ) ) {
			return $this->refuse( 400 );
		}
		if ( $this->client->isTooMuch( $editor, 'feedback' ) ) {
			return $this->refuse( 429 );
		}
		try {
			$reply = $this->client->post( $editor->getUser(), 'feedback', $feedback, static function () {
				return [];
			} );
		} catch ( ServiceAwayException $e ) {
			return $this->say( [ 'kept' => false ] );
		}
		if ( $reply->isOK() || in_array( $reply->status(), self::IN_VAIN, true ) ) {
			return $this->say( [ 'kept' => $reply->isOK() ] );
		}
		return $this->refuse( $reply->status() );
	}

	/**
	 * Whether the member's own page sends this.
	 *
	 * @param mixed $token
	 * @return bool
	 */
	private function isMeant( $token ): bool {
		$session = $this->getSession();
		return $session->getProvider()->safeAgainstCsrf() ||
			( is_string( $token ) && $session->getToken()->match( $token ) );
	}

	/**
	 * @param array $body
	 * @return array|null What the service is told, or null when it cannot be
	 */
	private function feedback( array $body ): ?array {
		$feedback = [
			'pageid' => $this->readNumber( $body, 'pageid' ),
			'revid' => $this->readNumber( $body, 'revid' ),
			'target_pageid' => $this->readNumber( $body, 'target_pageid' ),
			'link_text' => $this->readText( $body, 'link_text', 1000 ),
			'verdict' => $this->readText( $body, 'verdict', 20 ),
		];
		$reason = $body['reason'] ?? null;
		if ( in_array( null, $feedback, true ) || !in_array( $feedback['verdict'], self::VERDICTS, true ) ||
			!in_array( $reason, self::REASONS, true )
		) {
			return null;
		}
		return $feedback + [ 'reason' => $reason ];
	}
}
