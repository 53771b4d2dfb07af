<?php

namespace MediaWiki\Extension\Compagnon;

use Html;
use HTMLForm;
use SpecialPage;

/**
 * Special:Compagnon: a question in one's own words, the pages that answer it, and who knows. Works without
 * JavaScript.
 */
class SpecialCompagnon extends SpecialPage {

	/** The service takes no longer question. */
	private const LONGEST_QUESTION = 1000;
	private const HITS = 10;

	/** @var ServiceClient */
	private $client;

	/** @var SearchReply */
	private $reply;

	/**
	 * @param ServiceClient $client
	 * @param SearchReply $reply
	 */
	public function __construct( ServiceClient $client, SearchReply $reply ) {
		parent::__construct( 'Compagnon' );
		$this->client = $client;
		$this->reply = $reply;
	}

	/** @inheritDoc */
	protected function getGroupName() {
		return 'pages';
	}

	/** @inheritDoc */
	public function isListed() {
		return $this->client->isConfigured();
	}

	/**
	 * @param string|null $subPage
	 */
	public function execute( $subPage ) {
		$this->setHeaders();
		$this->checkPermissions();
		$out = $this->getOutput();
		$out->setRobotPolicy( 'noindex,nofollow' );
		// What is found depends on who asks.
		$out->disableClientCache();
		$out->addModuleStyles( 'ext.compagnon.special.styles' );
		if ( !$this->client->isConfigured() ) {
			$out->addHTML( $this->sentence( 'compagnon-special-unset' ) );
			return;
		}
		$question = trim( $this->getRequest()->getText( 'q', (string)$subPage ) );
		$question = mb_substr( $question, 0, self::LONGEST_QUESTION );
		$this->showForm( $question );
		if ( $question !== '' ) {
			$out->addHTML( $this->answer( $question ) );
		}
	}

	/**
	 * @param string $question
	 */
	private function showForm( string $question ): void {
		HTMLForm::factory( 'ooui', [
			'q' => [
				'type' => 'text',
				'name' => 'q',
				'id' => 'compagnon-question',
				'label-message' => 'compagnon-special-question',
				'default' => $question,
				'nodata' => true,
				'maxlength' => self::LONGEST_QUESTION,
				'autofocus' => $question === '',
			],
		], $this->getContext() )
			->setMethod( 'get' )
			->setTitle( $this->getPageTitle() )
			->setSubmitTextMsg( 'compagnon-special-submit' )
			->prepareForm()
			->displayForm( false );
	}

	/**
	 * @param string $question
	 * @return string HTML
	 */
	private function answer( string $question ): string {
		$reader = $this->getAuthority();
		try {
			$reply = $this->client->get(
				$reader->getUser(), 'search', [ 'q' => $question, 'top_k' => self::HITS ], [ SearchReply::class, 'read' ]
			);
		} catch ( ServiceAwayException $e ) {
			return $this->sentence( 'compagnon-special-away' );
		}
		if ( $reply->status() !== 200 ) {
			return $this->sentence( 'compagnon-special-refused' );
		}
		$found = $this->reply->shown( $reply->data(), $reader );
		if ( !$found['hits'] && !$found['people'] ) {
			return $this->sentence( 'compagnon-special-nothing' );
		}
		$unsure = $found['answerable'] ? '' : $this->sentence( 'compagnon-special-unsure' );
		return $unsure . Html::rawElement( 'div', [ 'class' => 'compagnon-special-found' ],
			$this->hits( $found['hits'] ) . $this->people( $found['people'] )
		);
	}

	/**
	 * @param array[] $hits
	 * @return string HTML
	 */
	private function hits( array $hits ): string {
		$items = '';
		foreach ( $hits as $hit ) {
			$items .= Html::rawElement( 'li', [], $this->hit( $hit ) );
		}
		return $this->part( 'pages', $items === '' ? '' : Html::rawElement( 'ol', [], $items ) );
	}

	/**
	 * @param array $hit
	 * @return string HTML
	 */
	private function hit( array $hit ): string {
		$links = $this->getLinkRenderer();
		$about = '';
		$status = $this->status( $hit['status'] );
		if ( $status !== '' ) {
			$about .= Html::element( 'div', [ 'class' => 'compagnon-special-status' ], $status );
		}
		if ( $hit['section'] !== null && $hit['anchor'] !== null ) {
			$about .= Html::rawElement( 'div', [ 'class' => 'compagnon-special-section' ], $links->makeKnownLink(
				$hit['title']->createFragmentTarget( $hit['anchor'] ), $hit['section']
			) );
		}
		$passage = '';
		foreach ( $hit['passage'] as $piece ) {
			$passage .= $piece['marked'] ? Html::element( 'mark', [], $piece['text'] ) : htmlspecialchars( $piece['text'] );
		}
		$about = Html::rawElement( 'div', [ 'class' => 'compagnon-special-about' ], $about );
		return Html::rawElement( 'h3', [], $links->makeKnownLink( $hit['title'] ) ) . $about . Html::rawElement( 'p', [
			'dir' => 'auto',
			'lang' => $hit['title']->getPageLanguage()->getHtmlCode(),
		], $passage );
	}

	/**
	 * @param array[] $people
	 * @return string HTML
	 */
	private function people( array $people ): string {
		$links = $this->getLinkRenderer();
		$items = '';
		foreach ( $people as $person ) {
			$home = $person['user'] === null ? null : SpecialPage::getTitleValueFor( 'Contributions', $person['user'] );
			$name = Html::rawElement( 'bdi', [],
				$home === null ? htmlspecialchars( $person['name'] ) : $links->makeKnownLink( $home, $person['name'] )
			);
			$pages = '';
			foreach ( $person['pages'] as $page ) {
				$pages .= Html::rawElement( 'li', [], $links->makeKnownLink( $page['title'] ) );
			}
			$items .= Html::rawElement( 'li', [], $name . Html::rawElement( 'ul', [], $pages ) );
		}
		return $this->part( 'people', $items === '' ? '' : Html::rawElement( 'ul', [], $items ) );
	}

	/**
	 * @param string $name
	 * @param string $list HTML; empty for nothing
	 * @return string HTML
	 */
	private function part( string $name, string $list ): string {
		$id = "compagnon-special-$name";
		// Messages: compagnon-special-pages, compagnon-special-people
		return $list === '' ? '' : Html::rawElement( 'section', [ 'class' => $id, 'aria-labelledby' => $id ],
			Html::element( 'h2', [ 'id' => $id ], $this->msg( $id )->text() ) . $list
		);
	}

	/**
	 * How far a practice is, in the reader's language; a word that is unknown is shown as it is.
	 *
	 * @param string|null $status
	 * @return string
	 */
	private function status( ?string $status ): string {
		// Messages: compagnon-box-status-emerging, -tested, -adopted, -reference, -retired
		$known = in_array( $status, [ 'emerging', 'tested', 'adopted', 'reference', 'retired' ], true );
		return $known ? $this->msg( "compagnon-box-status-$status" )->text() : (string)$status;
	}

	/**
	 * @param string $message
	 * @return string HTML
	 */
	private function sentence( string $message ): string {
		return Html::element( 'p', [ 'class' => 'compagnon-special-note' ], $this->msg( $message )->text() );
	}
}
